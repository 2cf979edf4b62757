import { dotMemory } from './dot.js';
import { designBank, type FilterBank } from './kaiser.js';

/** Rates seldom differ within a site; a sender that changes rates must not fill memory with tables. */
const SLOTS = 8;
/** Floats a table may have: 320 kB. */
const SLOT_FLOATS = 81_920;
/** Rows a zero crossing of the filter: interpolating linearly between 512 keeps the error under -96 dB (Smith). */
const INTERPOLATED_PHASES = 512;

/** Where `dotMemory` is free for the sound of a call. */
export const SCRATCH_AT = SLOTS * SLOT_FLOATS;

/** The ratio of two rates and its filter. */
export interface Ratio extends FilterBank {
  /** Input samples an output sample: `step + stepFraction / denominator`. */
  step: number;
  stepFraction: number;
  denominator: number;
  /** Each of the `denominator` phases has a row of its own; else rows are interpolated. */
  exact: boolean;
}

const ratios = new Map<string, Ratio>();
const slots: (Ratio | undefined)[] = Array.from({ length: SLOTS });
let nextSlot = 0;

export function ratioOf(inputRateHz: number, outputRateHz: number): Ratio {
  const key = `${inputRateHz}/${outputRateHz}`;
  const known = ratios.get(key);
  if (known) return known;
  const divisor = gcd(inputRateHz, outputRateHz);
  const denominator = outputRateHz / divisor;
  const numerator = inputRateHz / divisor;
  const stretch = Math.max(1, inputRateHz / outputRateHz);
  // 112: more than the taps of a filter that is not stretched.
  const exact = (denominator + 1) * 112 * stretch <= SLOT_FLOATS;
  const phases = exact ? denominator : Math.ceil(INTERPOLATED_PHASES / stretch);
  const ratio: Ratio = {
    ...designBank(inputRateHz, outputRateHz, phases),
    step: Math.floor(numerator / denominator),
    stepFraction: numerator % denominator,
    denominator,
    exact,
  };
  if (ratios.size >= SLOTS) ratios.delete(ratios.keys().next().value!);
  ratios.set(key, ratio);
  return ratio;
}

/** Where a ratio's table lies in `dotMemory`: put there if it is not. Holds until another ratio is asked for. */
export function tableAt(ratio: Ratio): number {
  let slot = slots.indexOf(ratio);
  if (slot < 0) {
    slot = nextSlot;
    nextSlot = (nextSlot + 1) % SLOTS;
    slots[slot] = ratio;
    dotMemory.set(ratio.table, slot * SLOT_FLOATS);
  }
  return slot * SLOT_FLOATS;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
