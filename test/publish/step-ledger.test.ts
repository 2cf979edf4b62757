import { describe, expect, it } from 'vitest';
import { composeEvent, StepLedger, type CloudEvent } from '../../src/publish/index.js';
import type { Incident, IncidentChange } from '../../src/locate/index.js';
import { CONTEXT, gunshot, later, ONSET, step } from './incidents.js';

const event = (change: IncidentChange, incident: Incident): CloudEvent =>
  composeEvent(step(change, incident), CONTEXT);
const said = (ledger: StepLedger, handedOver = false) =>
  ledger
    .takeOver(handedOver)
    .say.map(({ step: { change, incident } }) => [change, incident.incidentId, incident.revision]);

const OTHER = later(gunshot({ incidentId: 'other' }), 60);

describe('a locator that stands by', () => {
  it('tells nothing', () => {
    expect(new StepLedger().take(step('detected', gunshot()))).toBeUndefined();
  });

  it('takes over with what it found and the dead one never told', () => {
    const ledger = new StepLedger();
    ledger.take(step('detected', gunshot()));
    expect(said(ledger)).toEqual([['detected', gunshot().incidentId, 1]]);
  });

  it('tells of an incident before it tells of its end', () => {
    const ledger = new StepLedger();
    ledger.take(step('closed', gunshot({ revision: 4 })));
    expect(said(ledger).map(([change]) => change)).toEqual(['detected', 'closed']);
  });

  it('tells nothing again that the hub knows', () => {
    const ledger = new StepLedger();
    ledger.take(step('detected', gunshot()));
    ledger.told([event('detected', gunshot())]);
    expect(said(ledger)).toEqual([]);
  });

  it('goes on after the revisions that were told, and after those that the dead one may still have on its disk', () => {
    const closed = step('closed', gunshot({ revision: 2 }));
    const dead = new StepLedger();
    dead.take(closed);
    dead.told([event('updated', gunshot({ revision: 7 }))]);
    const [[change, , revision]] = said(dead);
    expect(change).toBe('closed');
    expect(revision).toBeGreaterThan(8);
    const handedOver = new StepLedger();
    handedOver.take(closed);
    handedOver.told([event('updated', gunshot({ revision: 7 }))]);
    expect(said(handedOver, true)).toEqual([['closed', gunshot().incidentId, 8]]);
  });

  it('knows its own incident under the name that the hub knows: no twin', () => {
    const ledger = new StepLedger();
    ledger.take(step('detected', gunshot({ incidentId: 'mine', polesHeard: 5 })));
    ledger.told([event('detected', gunshot({ incidentId: 'theirs', polesHeard: 2 }))]);
    const [[change, incidentId]] = said(ledger, true);
    expect([change, incidentId]).toEqual(['updated', 'theirs']);
    const next = ledger.take(step('closed', gunshot({ incidentId: 'mine', revision: 2 })));
    expect(next?.step.incident).toMatchObject({ incidentId: 'theirs', revision: 3 });
  });

  it('does not tell of a shot again that was closed under another name', () => {
    const ledger = new StepLedger();
    ledger.take(step('closed', gunshot({ incidentId: 'mine' })));
    ledger.told([event('closed', gunshot({ incidentId: 'theirs', revision: 3 }))]);
    expect(said(ledger)).toEqual([]);
  });

  it('knows a shot by its arrivals where the two put it in different places, and another shot by its own', () => {
    const mine = gunshot({ incidentId: 'mine', location: [5.3725, 43.2951] });
    for (const [poles, changes] of [
      [mine.poles, []],
      [later(mine, 0.7).poles, ['detected', 'closed']],
    ] as const) {
      const ledger = new StepLedger();
      ledger.take(step('closed', { ...mine, poles }));
      ledger.told([event('closed', gunshot({ incidentId: 'theirs', revision: 3 }))]);
      expect(said(ledger).map(([change]) => change)).toEqual(changes);
    }
  });

  it('keeps the class that the hub was told, where it would have named the same blast otherwise', () => {
    const ledger = new StepLedger();
    ledger.take(step('detected', gunshot({ incidentId: 'mine', class: 'explosion', polesHeard: 5 })));
    ledger.told([event('detected', gunshot({ incidentId: 'theirs' }))]);
    expect(ledger.takeOver(true).say.map(({ step: { incident } }) => incident)).toMatchObject([
      { incidentId: 'theirs', class: 'gunshot', revision: 2 },
    ]);
  });

  it('gives back what is open for the hub and what it never found itself, to be closed in time', () => {
    const ledger = new StepLedger();
    ledger.take(step('detected', gunshot()));
    ledger.told([event('detected', OTHER)]);
    expect(ledger.takeOver(true).open.map(({ incidentId }) => incidentId)).toEqual(['other']);
  });

  it('founds nothing on what it heard only the end of', () => {
    const ledger = new StepLedger();
    ledger.heardSince(ONSET + 1_000_000_000n);
    ledger.take(step('detected', gunshot()));
    ledger.take(step('detected', OTHER));
    expect(said(ledger)).toEqual([['detected', 'other', 1]]);
  });
});

describe('a locator that holds the claim', () => {
  it('tells every step as it comes, under the locator’s own revisions', () => {
    const ledger = new StepLedger();
    ledger.takeOver(true);
    const first = ledger.take(step('detected', gunshot()));
    const second = ledger.take(step('closed', gunshot({ revision: 2 })));
    expect([first?.step.incident.revision, second?.step.incident.revision]).toEqual([1, 2]);
    expect([first?.step.change, second?.step.change]).toEqual(['detected', 'closed']);
  });

  it('tells nothing more once it let go', () => {
    const ledger = new StepLedger();
    ledger.takeOver(true);
    ledger.letGo();
    expect(ledger.take(step('detected', gunshot()))).toBeUndefined();
  });

  it('takes over a second time from another, with what changed meanwhile', () => {
    const ledger = new StepLedger();
    ledger.takeOver(true);
    ledger.take(step('detected', gunshot()));
    ledger.letGo();
    ledger.told([event('updated', gunshot({ revision: 5 }))]);
    ledger.take(step('closed', gunshot({ revision: 2 })));
    expect(said(ledger, true)).toEqual([['closed', gunshot().incidentId, 6]]);
  });
});
