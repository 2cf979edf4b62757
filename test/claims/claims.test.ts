import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLAIM_TRANSITIONS,
  HANDOVER_SECONDS,
  LEASE_SECONDS,
  LeaseBook,
  nextClaimState,
  PoleShare,
  ranked,
  SUSPECT_SECONDS,
  type ClaimEvent,
  type ClaimState,
} from '../../src/claims/index.js';

const ownerOf = (pole: string, processes: readonly string[]): string => ranked(pole, processes)[0];
const POLES = Array.from({ length: 400 }, (_, i) => `pole-${i}`);

describe('the owner of a pole', () => {
  it('is the same in whatever order the processes are known', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
        (processes) => {
          for (const pole of POLES.slice(0, 10))
            expect(ranked(pole, [...processes].reverse())).toEqual(ranked(pole, processes));
        },
      ),
    );
  });

  it('changes only for the poles of the process that goes: each goes to its second', () => {
    for (const pole of POLES) {
      const [first, second] = ranked(pole, ['a', 'b', 'c']);
      expect(ownerOf(pole, ['a', 'c'])).toBe(first === 'b' ? second : first);
    }
  });

  it('is each process for about as many poles', () => {
    const counts = ['a', 'b', 'c', 'd'].map(
      (one) => POLES.filter((pole) => ownerOf(pole, ['a', 'b', 'c', 'd']) === one).length,
    );
    for (const count of counts) expect(count).toBeGreaterThan(POLES.length / 8);
  });
});

describe('a share of the poles', () => {
  const other = (process: string, poles: readonly string[] = [], leaving = false) => ({
    process,
    poles,
    leaving,
    suspect: false,
  });

  it('is every pole where nobody else listens', () => {
    expect(new PoleShare('a', POLES).next([], 0).hears.size).toBe(POLES.length);
  });

  it('is heard at once by a newcomer, and let go by the old one only when the newcomer has heard it for a moment', () => {
    const old = new PoleShare('old', POLES);
    old.next([], 0);
    const mine = new PoleShare('new', POLES).next([other('old', POLES)], 0).hears;
    expect(mine.size).toBeGreaterThan(0);
    expect(old.next([other('new')], 0).hears.size).toBe(POLES.length);
    const heard = [other('new', [...mine])];
    expect(old.next(heard, 1).hears.size).toBe(POLES.length);
    expect(old.next(heard, 1.01 + HANDOVER_SECONDS).hears.size).toBe(POLES.length - mine.size);
  });

  it('is kept for as long as nobody else hears it, however long that is', () => {
    const share = new PoleShare('a', POLES);
    share.next([], 0);
    for (let second = 1; second < 100; second++)
      expect(share.next([other('b')], second).hears.size).toBe(POLES.length);
  });

  it('grows by the poles of a process that died, and of one that leaves', () => {
    const share = new PoleShare('a', POLES);
    expect(share.next([other('b')], 0).hears.size).toBeLessThan(POLES.length);
    expect(share.next([other('b', [], true)], 1).hears.size).toBe(POLES.length);
    expect(share.next([], 2).hears.size).toBe(POLES.length);
  });

  it('shrinks to nothing when this process leaves and the others hear its poles', () => {
    const share = new PoleShare('a', POLES);
    share.next([], 0);
    const heard = [other('b', POLES)];
    expect(share.next(heard, 1, true).hears.size).toBe(POLES.length);
    expect(share.next(heard, 1.01 + HANDOVER_SECONDS, true).hears.size).toBe(0);
  });

  it('of a process that missed a renewal is heard by who stood by, from what was kept on; and let go where it lives', () => {
    const share = new PoleShare('a', POLES);
    const before = share.next([other('b', POLES), other('c', POLES)], 0);
    expect(before.standsBy.size).toBeGreaterThan(POLES.length / 5);
    const late = { ...other('b', POLES), suspect: true };
    const theirs = POLES.filter((pole) => ranked(pole, ['a', 'b', 'c']).join('') === 'bac');
    const during = share.next([late, other('c')], 10);
    expect([...during.rescued]).toEqual(theirs);
    for (const pole of theirs) expect(during.hears.has(pole)).toBe(true);
    const back = [other('b', POLES), other('c')];
    share.next(back, 11);
    const after = share.next(back, 11.01 + HANDOVER_SECONDS);
    expect([...after.hears]).toEqual([...before.hears]);
    expect([...after.standsBy]).toEqual([...before.standsBy]);
  });

  it('that another still hears, as when that one leaves, is not heard from what was kept', () => {
    const share = new PoleShare('a', POLES);
    share.next([other('b', POLES)], 0);
    const { hears, rescued } = share.next([other('b', POLES, true)], 1);
    expect([hears.size, rescued.size]).toEqual([POLES.length, 0]);
  });

  it('leaves no pole without an ear, whoever comes and goes', () => {
    const step = fc.record({ process: fc.constantFrom('a', 'b', 'c'), alive: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const poles = POLES.slice(0, 30);
        const shares = new Map([['a', new PoleShare('a', poles)]]);
        const hears = new Map<string, ReadonlySet<string>>();
        let now = 0;
        const settle = (): void => {
          for (const [name, share] of shares) {
            const others = [...shares.keys()]
              .filter((one) => one !== name)
              .map((one) => other(one, [...(hears.get(one) ?? [])]));
            hears.set(name, share.next(others, now).hears);
          }
        };
        settle();
        for (const { process, alive } of steps) {
          if (alive && !shares.has(process)) shares.set(process, new PoleShare(process, poles));
          if (!alive && shares.size > 1) {
            shares.delete(process);
            hears.delete(process);
          }
          settle();
          now += 0.3;
          const heard = new Set([...hears.values()].flatMap((one) => [...one]));
          expect(heard.size).toBe(poles.length);
        }
      }),
    );
  });
});

describe('the lease of a process', () => {
  const entry = (key: string, revision: number) => ({ key, revision, value: key });

  it('lives while its revision moves, by this process’s clock alone, and ends when it stands still', () => {
    const book = new LeaseBook<string>();
    book.observe([entry('a', 1), entry('b', 2)], 0);
    book.observe([entry('a', 3), entry('b', 2)], 2);
    expect(book.living(LEASE_SECONDS - 0.1).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(book.living(LEASE_SECONDS).map(({ key }) => key)).toEqual(['a']);
  });

  it('is suspected when a renewal is missed, long before it ends, and no more once one is seen', () => {
    const book = new LeaseBook<string>();
    book.observe([entry('a', 1), entry('b', 2)], 0);
    book.beat('a', 0.9);
    expect(book.suspects(SUSPECT_SECONDS - 0.1)).toEqual([]);
    expect(book.suspects(SUSPECT_SECONDS)).toEqual(['b']);
    book.beat('b', SUSPECT_SECONDS + 0.1);
    expect(book.suspects(SUSPECT_SECONDS + 0.2)).toEqual([]);
    expect(book.suspects(SUSPECT_SECONDS + 0.9)).toEqual(['a']);
  });

  it('ends at once where its key is gone', () => {
    const book = new LeaseBook<string>();
    book.observe([entry('a', 1)], 0);
    book.observe([], 0.5);
    expect(book.living(0.5)).toEqual([]);
  });

  it('is given its time anew after an outage in which nobody could renew', () => {
    const book = new LeaseBook<string>();
    book.observe([entry('a', 1)], 0);
    book.forgive(100);
    book.observe([], 100);
    expect(book.living(100 + LEASE_SECONDS - 0.1)).toHaveLength(1);
    expect(book.living(100 + LEASE_SECONDS)).toEqual([]);
  });
});

describe('the claim on a site', () => {
  it.each<[ClaimState, ClaimEvent, ClaimState]>([
    ['waiting', 'free', 'claiming'],
    ['waiting', 'granted', 'waiting'],
    ['waiting', 'release', 'releasing'],
    ['claiming', 'granted', 'holding'],
    ['claiming', 'refused', 'waiting'],
    ['claiming', 'release', 'releasing'],
    ['holding', 'fenced', 'lost'],
    ['holding', 'refused', 'waiting'],
    ['holding', 'granted', 'holding'],
    ['holding', 'release', 'releasing'],
    ['lost', 'granted', 'holding'],
    ['lost', 'refused', 'waiting'],
    ['lost', 'release', 'releasing'],
    ['releasing', 'released', 'waiting'],
    ['releasing', 'granted', 'releasing'],
  ])('%s, %s: %s', (state, event, next) => {
    expect(nextClaimState(state, event)).toBe(next);
  });

  it('is held only after it was granted', () => {
    for (const [state, events] of Object.entries(CLAIM_TRANSITIONS))
      for (const [event, next] of Object.entries(events))
        if (next === 'holding') expect([state, event]).toEqual([state, 'granted']);
  });
});
