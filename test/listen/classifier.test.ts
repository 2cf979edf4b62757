import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, startClassifier, type Classifier, type Model } from '../../src/listen/index.js';
import { ROOT } from '../support/service.js';
import { addShot, noise } from './sounds.js';

let model: Model;
let classifier: Classifier;
let folder: string;
beforeAll(async () => {
  model = await loadModel(process.env['CLAMEUR_MODEL_PATH']);
  classifier = await startClassifier(model);
  folder = await mkdtemp(join(tmpdir(), 'clameur-worker-'));
});
afterAll(async () => {
  await classifier.close();
  await rm(folder, { recursive: true });
});

const patches = Array.from({ length: 40 }, (_, i) =>
  i % 3 === 0 ? addShot(noise(1, 0.002, i), 0.65, 0.05 * (1 + (i % 7)), i) : noise(1, 0.0005 * (1 + i), i),
);

describe('the classifier', () => {
  it('gives one score a class from 0 to 1, in steps of a thousandth', async () => {
    const scores = await classifier.score(patches[0]);
    expect(scores).toHaveLength(model.classes.length);
    for (const score of scores) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(Math.abs(score * 1000 - Math.round(score * 1000))).toBeLessThan(1e-3);
    }
  });

  it('gives a patch the same scores alone, in a small batch and at any place in a large one', async () => {
    const alone: Float32Array[] = [];
    for (const patch of patches) alone.push(await classifier.score(patch));
    const together = await Promise.all(patches.map((patch) => classifier.score(patch)));
    const backwards = await Promise.all([...patches].reverse().map((patch) => classifier.score(patch)));
    expect(together).toEqual(alone);
    expect(backwards.reverse()).toEqual(alone);
  });

  it('leaves the event loop free while it computes', async () => {
    let turns = 0;
    let busy = true;
    const turn = (): void => {
      turns++;
      if (busy) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all(
      Array.from({ length: 4 }, () => patches).flatMap((all) => all.map((p) => classifier.score(p))),
    );
    busy = false;
    // Were the model run here, the loop would turn once or twice a batch: 160 patches are 10.
    expect(turns).toBeGreaterThan(100);
  });

  it('says when it is full and when there is room again, and refuses past its hard end', async () => {
    const small = await startClassifier(model, { maxWaiting: 4 });
    const scored = Array.from({ length: 16 }, (_, i) => small.score(patches[i]));
    expect(small.full).toBe(true);
    await expect(small.score(patches[16])).rejects.toMatchObject({ code: 'CLASSIFIER_FAILED' });
    await small.room();
    expect(small.full).toBe(false);
    await Promise.all(scored);
    expect(small.waiting).toBe(0);
    await small.close();
  });

  it('scores with several workers as with one', async () => {
    const pool = await startClassifier(model, { workers: 2 });
    const scores = await Promise.all(patches.map((patch) => pool.score(patch)));
    expect(scores).toEqual(await Promise.all(patches.map((patch) => classifier.score(patch))));
    await pool.close();
  });

  it('fails what waits when it is closed, rather than hang', async () => {
    const closing = await startClassifier(model);
    const scored = Promise.allSettled(patches.map((patch) => closing.score(patch)));
    await closing.close();
    for (const result of await scored) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CLASSIFIER_FAILED' });
    }
    await expect(closing.score(patches[0])).rejects.toMatchObject({ code: 'CLASSIFIER_FAILED' });
    expect(closing.waiting).toBe(0);
  });

  it('is closed while its threads work without taking the process down', async () => {
    const code = `
      import { loadModel, startClassifier } from ${JSON.stringify(join(ROOT, 'dist/listen/index.js'))};
      const model = await loadModel();
      for (let i = 0; i < 10; i++) {
        const classifier = await startClassifier(model);
        for (let k = 0; k < 64; k++) classifier.score(new Float32Array(model.patchSamples)).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, i));
        await classifier.close();
      }
      console.log('ended');`;
    const script = join(folder, 'ends.mjs');
    await writeFile(script, code);
    const run = promisify(execFile)(process.execPath, [script]);
    expect((await run).stdout).toBe('ended\n');
  });

  it('says at the start that a file is no model', async () => {
    const broken = { ...model, bytes: new Uint8Array(100) };
    await expect(startClassifier(broken)).rejects.toMatchObject({ code: 'CLASSIFIER_FAILED' });
  });

  it('fails what a dying thread had, starts another once, and gives up when that dies too', async () => {
    const script = join(folder, 'dies.mjs');
    await writeFile(
      script,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', () => process.exit(3));
       parentPort.postMessage({ ready: true });`,
    );
    const errors: string[] = [];
    const dying = await startClassifier(model, { script, onError: (error) => errors.push(error.message) });
    await expect(dying.score(patches[0])).rejects.toThrow('code 3. It is started again');
    await expect(dying.score(patches[1])).rejects.toThrow('It is not started again');
    await expect(dying.score(patches[2])).rejects.toMatchObject({ code: 'CLASSIFIER_FAILED' });
    expect(errors).toHaveLength(2);
    await dying.close();
  });
});
