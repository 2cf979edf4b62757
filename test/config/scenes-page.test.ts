import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseScene } from '../../src/config/index.js';
import { ROOT } from '../support/service.js';

test('the page on scenes shows one that is read as it says', () => {
  const page = readFileSync(join(ROOT, 'fixtures/README.md'), 'utf8');
  const [, json] = /```json\n([\s\S]*?)```/.exec(page)!;
  const { recordings, weather, truth } = parseScene(JSON.parse(json));
  expect(recordings.map(({ pole, clockUncertaintySeconds }) => [pole, clockUncertaintySeconds])).toEqual([
    ['mairie', 0.0005],
    ['opera', undefined],
  ]);
  expect(Object.keys(weather!)).toHaveLength(4);
  expect(truth).toEqual([
    {
      class: 'gunshot',
      time: '2026-05-02T22:04:09.2Z',
      shots: 2,
      location: [5.3696, 43.2962],
      accuracyMeters: 5,
    },
  ]);
});
