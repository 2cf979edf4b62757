import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_CLASSES } from '../../src/config/index.js';
import { loadModel } from '../../src/listen/index.js';

const ONNX = Buffer.from('not run here, only hashed');
const SIDECAR = {
  name: 'ears',
  version: '1.0.0',
  classes: ['gunshot', 'explosion', 'crowd_clamour', 'door'],
  sampleRateHz: 16_000,
  patchSeconds: 1,
  hopSeconds: 0.5,
  thresholds: { gunshot: { on: 0.5, off: 0.3, alone: 0.9 } },
  sha256: createHash('sha256').update(ONNX).digest('hex'),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-model-'));
  await writeFile(join(folder, 'ears.onnx'), ONNX);
});
afterAll(() => rm(folder, { recursive: true }));

async function sidecar(content: unknown, name = 'ears.json'): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('a model', () => {
  it('is taken where its file has the hash that its sidecar says', async () => {
    const model = await loadModel(await sidecar(SIDECAR));
    expect(model).toMatchObject({ name: 'ears', patchSamples: 16_000, sha256: SIDECAR.sha256 });
  });

  it('is refused where the hash differs, naming both', async () => {
    const other = '0'.repeat(64);
    const file = await sidecar({ ...SIDECAR, sha256: other });
    await expect(loadModel(file)).rejects.toMatchObject({
      code: 'MODEL_HASH_MISMATCH',
      message: expect.stringMatching(new RegExp(`ears\\.onnx.*${SIDECAR.sha256}.*${other}`)),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['is not JSON', '{ "name": ', /not JSON/],
    ['lacks its classes', { ...SIDECAR, classes: undefined }, /classes/],
    ['has another rate', { ...SIDECAR, sampleRateHz: 8000 }, /sampleRateHz/],
    [
      'has thresholds out of order',
      { ...SIDECAR, thresholds: { gunshot: { on: 0.5, off: 0.6, alone: 0.9 } } },
      /thresholds\.gunshot.*off <= on <= alone/,
    ],
    ['has no hash', { ...SIDECAR, sha256: 'abc' }, /sha256/],
  ])('is refused where its sidecar %s', async (_name, content, problem) => {
    await expect(loadModel(await sidecar(content))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(problem),
    });
  });

  it('is missed by name where a file is not there', async () => {
    await expect(loadModel(join(folder, 'none.json'))).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('none.json'),
    });
    await expect(loadModel(await sidecar(SIDECAR, 'alone.json'))).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('alone.onnx'),
    });
  });

  it('comes with Clameur, and knows every class that can be located or gathered', async () => {
    const model = await loadModel();
    for (const name of EVENT_CLASSES.filter((one) => one !== 'unusual')) {
      expect(model.classes).toContain(name);
      expect(model.thresholds[name]).toBeDefined();
    }
  });
});
