import type { Finding } from './finding.js';
import { median } from './sound-check.js';

/** Half a second is what frames of 100 ms and a network may take; more is the clock, not the way. */
const MOST_OFF_SECONDS = 1;
const MOST_AHEAD_SECONDS = 0.05;
/** A crystal is good for some 20 to 50 ppm; but over seconds the way of the frames wanders as much as hundreds. */
const MOST_DRIFT_PPM = 500;
const DRIFT_NEEDS_SECONDS = 8;
/** 3 ms are a metre: what a place can still be made of. */
const DOUBTFUL_SECONDS = 0.003;

/** What is wrong with a pole's clock, by when its frames come against the times in them. */
export class ClockCheck {
  /** By frame: when it came, and how long after the time of its last sample that was. */
  readonly #frames: Array<{ atSeconds: number; lateSeconds: number }> = [];
  readonly #doubts: Array<number | undefined> = [];

  frame(atSeconds: number, lateSeconds: number, clockUncertaintySeconds: number | undefined): void {
    this.#frames.push({ atSeconds, lateSeconds });
    this.#doubts.push(clockUncertaintySeconds);
  }

  findings(): Finding[] {
    if (this.#frames.length === 0) return [];
    const found: Finding[] = [];
    const known = this.#doubts.filter((doubt) => doubt !== undefined);
    if (known.length < this.#doubts.length / 2)
      found.push({
        kind: 'clock_unknown',
        problem: 'its frames say that their time is unknown: it is heard, but no place is made with it',
        mend: 'Give it GPS or PTP, or chrony, and have the sender state the uncertainty',
      });
    else if (median(known) > DOUBTFUL_SECONDS)
      found.push({
        kind: 'clock_doubtful',
        problem: `its time is uncertain by ${(median(known) * 1000).toFixed(1)} ms, which is ${(median(known) * 343).toFixed(0)} m of sound`,
        mend: 'Give it GPS or PTP: 1 ms or better',
      });
    // The quickest frame waited least on its way: what it shows is the clock's.
    const least = Math.min(...this.#frames.map(({ lateSeconds }) => lateSeconds));
    if (least > MOST_OFF_SECONDS || least < -MOST_AHEAD_SECONDS)
      found.push({
        kind: 'clock_off',
        problem: `its frames come ${Math.abs(least).toFixed(2)} s ${least > 0 ? 'after' : 'before'} the time in them (by this machine's clock)`,
        mend: 'Set its clock; or this machine is off: chronyc tracking on both',
      });
    const drift = this.#driftPpm();
    if (drift !== undefined && Math.abs(drift) > MOST_DRIFT_PPM)
      found.push({
        kind: 'clock_drifts',
        problem: `its time drifts by ${drift.toFixed(0)} ppm against this machine's`,
        mend: 'Stamp frames from a disciplined clock, not by counting samples of the sound card',
      });
    return found;
  }

  /** How the quickest frame of each second wanders: slope by Theil and Sen, the median of all pairs'. */
  #driftPpm(): number | undefined {
    const quickest = new Map<number, { atSeconds: number; lateSeconds: number }>();
    for (const frame of this.#frames) {
      const second = Math.floor(frame.atSeconds);
      const best = quickest.get(second);
      if (!best || frame.lateSeconds < best.lateSeconds) quickest.set(second, frame);
    }
    const points = [...quickest.values()];
    if (points.length < DRIFT_NEEDS_SECONDS) return undefined;
    const slopes = points.flatMap((a, i) =>
      points.slice(i + 1).map((b) => (b.lateSeconds - a.lateSeconds) / (b.atSeconds - a.atSeconds)),
    );
    return -median(slopes) * 1e6;
  }
}
