/**
 * The process that holds the microphone, started by microphone.ts: node-web-audio-api cannot let go of one again, and the
 * sound system's libraries write to standard output.
 */

/** What of node-web-audio-api is used here; its own types stand for a browser's. */
interface Tap {
  onaudioprocess: (event: { inputBuffer: { getChannelData(channel: number): Float32Array } }) => void;
  connect(to: unknown): void;
}
interface Library {
  mediaDevices: { getUserMedia(wanted: { audio: true }): Promise<unknown> };
  AudioContext: new (options: object) => {
    sampleRate: number;
    destination: unknown;
    createMediaStreamSource(stream: unknown): { connect(to: unknown): void };
    createScriptProcessor(samples: number, inputs: number, outputs: number): Tap;
  };
}

/** What this process sends, by structured clone. */
export type MicrophoneMessage =
  | { kind: 'open'; sampleRateHz: number }
  | { kind: 'sound'; samples: Float32Array }
  | { kind: 'error'; problem: string };

const CHUNK_SAMPLES = 4096;
const send = (message: MicrophoneMessage) => process.send!(message);

process.once('disconnect', () => process.exit());
try {
  const { AudioContext, mediaDevices } = (await import('node-web-audio-api')) as unknown as Library;
  const context = new AudioContext({ sinkId: { type: 'none' }, latencyHint: 'playback' });
  const stream = await mediaDevices.getUserMedia({ audio: true });
  const tap = context.createScriptProcessor(CHUNK_SAMPLES, 1, 1);
  tap.onaudioprocess = ({ inputBuffer }) => {
    // The first buffer of a card may hold what is no number.
    const samples = Float32Array.from(inputBuffer.getChannelData(0), (x) => (Number.isFinite(x) ? x : 0));
    send({ kind: 'sound', samples });
    samples.fill(0);
  };
  context.createMediaStreamSource(stream).connect(tap);
  tap.connect(context.destination);
  send({ kind: 'open', sampleRateHz: context.sampleRate });
} catch (err) {
  send({ kind: 'error', problem: err instanceof Error ? err.message : String(err) });
}
