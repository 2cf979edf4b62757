/** What a classifier worker is started with. */
export interface WorkerSetup {
  /** The ONNX file. */
  bytes: Uint8Array;
  patchSamples: number;
}

/** A batch on its way to the worker; `sound` is transferred, and comes back zeroed. */
export interface BatchJob {
  id: number;
  /** `rows` patches of `patchSamples` float32 each, the first `count` real ones, the rest zeros. */
  sound: ArrayBuffer;
  count: number;
  rows: number;
}

export interface BatchResult {
  id: number;
  sound: ArrayBuffer;
  /** `count` rows of one score a class; absent where the run failed. */
  scores?: Float32Array;
  /** Wall time of the run. */
  seconds?: number;
  error?: string;
}
