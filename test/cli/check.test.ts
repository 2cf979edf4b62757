import { describe, expect, it } from 'vitest';
import { checkIncidents, shiftTruth } from '../../src/cli/check.js';
import { insideEllipse, quantile, summarise } from '../../src/cli/eval/scene-summary.js';
import type { Truth } from '../../src/config/index.js';
import type { EventData } from '../../src/publish/index.js';

const place: [number, number] = [5.374, 43.2951];
/** About 30 m north of `place`: one degree of latitude is 111.1 km there. */
const north30: [number, number] = [5.374, 43.2951 + 30 / 111_110];

function event(changes: Partial<EventData> = {}): EventData {
  return {
    incidentId: 'a',
    revision: 1,
    class: 'gunshot',
    confidence: 0.9,
    onset: '2026-05-01T22:00:00.000Z',
    method: 'multilateration',
    location: { type: 'Point', coordinates: place },
    accuracy: { semiMajorMeters: 40, semiMinorMeters: 10, azimuthDegrees: 0, confidenceLevel: 0.95 },
    shots: { count: 3, automatic: false },
    polesHeard: 5,
    polesSilent: 0,
    poles: [],
    model: { name: 'm', version: '1', sha256: 'x' },
    audioRetained: false,
    exercise: false,
    ...changes,
  };
}

const truth: Truth = { class: 'gunshot', time: '2026-05-01T22:00:00.300Z', shots: 3, location: place };

describe('checking a replay against its truth', () => {
  it.each<[string, Truth[], EventData[], string[]]>([
    ['what is as expected', [truth], [event()], []],
    ['another class', [truth], [event({ class: 'explosion' })], ['class is explosion']],
    [
      'a wrong number of shots',
      [truth],
      [event({ shots: { count: 2, automatic: false } })],
      ['shots: 2 instead of 3'],
    ],
    [
      'no shots told',
      [{ ...truth, shots: 1 }],
      [event({ shots: undefined as never })],
      ['shots: none instead of 1'],
    ],
    ['a late onset', [{ ...truth, time: '2026-05-01T22:00:01Z' }], [event()], ['time is off by -1.00 s']],
    ['a place too far off', [{ ...truth, location: north30 }], [event()], ['place is off by 30 m']],
    [
      'a place within the survey’s own error',
      [{ ...truth, location: north30, accuracyMeters: 10 }],
      [event()],
      [],
    ],
    ['nothing heard', [truth], [], ['not heard']],
  ])('names %s', (_what, truths, events, problems) => {
    const result = checkIncidents(truths, events);
    expect(result.matches.flatMap((match) => match.problems)).toEqual(problems);
    expect(result.ok).toBe(problems.length === 0);
  });

  it('gives an unlocated incident three seconds more, for the sound’s way', () => {
    const late = { ...truth, time: '2026-05-01T22:00:03Z' };
    const { location: _l, accuracy: _a, ...unlocated } = event({ method: 'none' });
    expect(checkIncidents([{ ...late, location: undefined as never }], [unlocated]).ok).toBe(true);
    expect(checkIncidents([late], [event()]).ok).toBe(false);
  });

  it('fails on an incident that no truth explains', () => {
    const result = checkIncidents([truth], [event(), event({ incidentId: 'b', class: 'crowd_clamour' })]);
    expect(result.ok).toBe(false);
    expect(result.unexpected.map(({ incidentId }) => incidentId)).toEqual(['b']);
  });

  it('pairs two truths with the incidents that fit them, whatever their order', () => {
    const second: Truth = { class: 'gunshot', time: '2026-05-01T22:00:00Z', location: north30, shots: 1 };
    const events = [
      event({
        incidentId: 'b',
        location: { type: 'Point', coordinates: north30 },
        shots: { count: 1, automatic: false },
      }),
      event(),
    ];
    expect(checkIncidents([truth, second], events).ok).toBe(true);
  });

  it('moves the truth’s times with the sound', () => {
    const scene = {
      truth: [truth],
      recordings: [{ pole: 'p', file: 'f', startNanos: 1_777_672_790_000_000_000n }],
    };
    const [moved] = shiftTruth(scene, 1_777_672_800_000);
    expect(moved.time).toBe('2026-05-01T22:00:10.300000Z');
  });
});

describe('the figures of an evaluation', () => {
  it('takes quantiles at the nearest rank', () => {
    expect([0.1, 0.5, 0.95, 1].map((q) => quantile([1, 2, 3, 4, 5], q))).toEqual([1, 3, 5, 5]);
  });

  it('turns an ellipse by its azimuth, clockwise from north', () => {
    expect(insideEllipse(north30, event())).toBe(true);
    const eastward = event({
      accuracy: { semiMajorMeters: 40, semiMinorMeters: 10, azimuthDegrees: 90, confidenceLevel: 0.95 },
    });
    expect(insideEllipse(north30, eastward)).toBe(false);
  });

  it('counts as located only what multilateration placed', () => {
    const one = { class: 'gunshot', heardAs: 'gunshot', problems: [] };
    const totals = summarise([
      {
        scene: 'a',
        ok: true,
        unexpected: [],
        problems: [],
        truths: [{ ...one, method: 'multilateration', errorMeters: 5, insideEllipse: true }],
      },
      {
        scene: 'b',
        ok: false,
        unexpected: ['explosion'],
        problems: ['x'],
        truths: [{ ...one, method: 'nearest_pole', errorMeters: 60 }],
      },
      {
        scene: 'c',
        ok: false,
        unexpected: [],
        problems: ['x'],
        truths: [{ class: 'gunshot', problems: ['not heard'] }],
      },
    ]);
    expect(totals).toMatchObject({
      scenes: 3,
      passed: 1,
      truths: 3,
      found: 2,
      located: 1,
      within25mShare: 0.333,
      errorMedianMeters: 5,
      unexpected: 1,
    });
  });

  it('says nothing of places where no truth names one', () => {
    const heard = { class: 'gunshot', heardAs: 'gunshot', method: 'multilateration', problems: [] };
    const totals = summarise([{ scene: 'a', ok: true, unexpected: [], problems: [], truths: [heard] }]);
    expect(totals).toMatchObject({ found: 1, located: 1 });
    expect(Object.keys(totals).filter((name) => /25m|error|ellipse/i.test(name))).toEqual([]);
  });
});
