/** One thing that is wrong with a pole, with what was measured and what to do. */
export interface Finding {
  /** For programs. */
  kind:
    | 'no_frames'
    | 'dropped_frames'
    | 'gaps'
    | 'clock_unknown'
    | 'clock_doubtful'
    | 'clock_off'
    | 'clock_drifts'
    | 'clipped'
    | 'dead'
    | 'hum'
    | 'dc_offset'
    | 'too_quiet'
    | 'too_loud'
    | 'wind'
    | 'wrong_place';
  problem: string;
  mend: string;
}
