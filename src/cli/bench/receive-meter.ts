import { connect } from 'nats';

/** A process that only takes messages in, as the service does, and tells what one costs it. */
export interface ReceiveReport {
  frames: number;
  cpuMillis: number;
}

const [url, subject] = process.argv.slice(2);
const connection = await connect({ servers: url, name: 'clameur bench receiver' });
let frames = 0;
let before = process.cpuUsage();
connection.subscribe(subject, {
  callback: (_, message) => {
    if (message.subject.length > 0 && message.data.length > 0) frames++;
  },
});
await connection.flush();
process.on('message', (what) => {
  if (what === 'begin') {
    frames = 0;
    before = process.cpuUsage();
    return;
  }
  const { user, system } = process.cpuUsage(before);
  process.send?.({ frames, cpuMillis: (user + system) / 1000 } satisfies ReceiveReport);
  void connection.close().then(() => process.disconnect());
});
process.send?.('ready');
