/**
 * A locator's claim on its site. `waiting`: another has it, or this one is not ready. `claiming`: asked for, not
 * answered. `holding`: this one locates for the site. `releasing`: it hands over. `lost`: it had it, and can no longer
 * be sure; what it decides is kept, and told only if the claim turns out to be its own still.
 */
export type ClaimState = 'waiting' | 'claiming' | 'holding' | 'releasing' | 'lost';

/**
 * `free`: nobody has it. `granted`: NATS stored our name. `refused`: another's name stands there. `fenced`: a renewal is
 * overdue. `release`: this process ends. `released`: the name is taken out.
 */
export type ClaimEvent = 'free' | 'granted' | 'refused' | 'fenced' | 'release' | 'released';

/** What may follow what; an event that a state does not name changes nothing. */
export const CLAIM_TRANSITIONS: Readonly<
  Record<ClaimState, Readonly<Partial<Record<ClaimEvent, ClaimState>>>>
> = {
  waiting: { free: 'claiming', release: 'releasing' },
  claiming: { granted: 'holding', refused: 'waiting', release: 'releasing' },
  holding: { refused: 'waiting', fenced: 'lost', release: 'releasing' },
  lost: { granted: 'holding', refused: 'waiting', release: 'releasing' },
  releasing: { released: 'waiting' },
};

export function nextClaimState(state: ClaimState, event: ClaimEvent): ClaimState {
  return CLAIM_TRANSITIONS[state][event] ?? state;
}
