import { Worker } from 'node:worker_threads';

const HANG_SECONDS = 120;

/** Ends the process with an error where an input never ends, which the process itself could not notice. */
export function watchForHangs(): { target(name: string): void; input(): void } {
  const count = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     const { writeSync } = require('node:fs');
     let [name, last, since] = ['', -1, Date.now()];
     parentPort.on('message', (told) => (name = told));
     setInterval(() => {
       const now = Atomics.load(workerData, 0);
       if (now !== last) [last, since] = [now, Date.now()];
       else if (Date.now() - since > ${HANG_SECONDS * 1000}) {
         writeSync(1, \`FAIL  \${name}: an input has not ended in ${HANG_SECONDS} s\\n\`);
         process.kill(process.pid, 'SIGKILL');
       }
     }, 1000);`,
    { eval: true, workerData: count, execArgv: [] },
  );
  worker.unref();
  return {
    target: (name) => worker.postMessage(name),
    input: () => void Atomics.add(count, 0, 1),
  };
}
