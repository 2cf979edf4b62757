/** An event of one class in one stream of sound ("file"), as truth or as found. Seconds of the stream. */
export interface SoundEvent {
  file: string;
  class: string;
  onset: number;
  offset: number;
}

/** `score`: the operating point up to which it counts. */
export interface FoundEvent extends SoundEvent {
  score: number;
}

export interface EventCounts {
  truths: number;
  found: number;
  hits: number;
}

export interface EventScore extends EventCounts {
  precision: number;
  recall: number;
  f1: number;
}

/**
 * Event-based metrics with a collar on the onset alone (Mesaros, Heittola, Virtanen 2016, Appl. Sci. 6, 162; as
 * sed_eval's EventBasedMetrics with evaluate_offset=False): a found event is a hit where a truth of its class and file
 * begins within the collar, each truth explaining one. The greatest possible number of pairs: with equal collars the
 * earliest truth that fits is always a best choice.
 */
export function eventCounts(
  truths: readonly SoundEvent[],
  found: readonly SoundEvent[],
  collarSeconds: number,
): Map<string, EventCounts> {
  const counts = new Map<string, EventCounts>();
  const lists = new Map<string, { class: string; truths: number[]; found: number[] }>();
  for (const [side, events] of [['truths', truths] as const, ['found', found] as const]) {
    for (const { file, class: name, onset } of events) {
      const key = `${file}\n${name}`;
      let list = lists.get(key);
      if (!list) lists.set(key, (list = { class: name, truths: [], found: [] }));
      list[side].push(onset);
    }
  }
  for (const list of lists.values()) {
    const sum = counts.get(list.class) ?? { truths: 0, found: 0, hits: 0 };
    counts.set(list.class, {
      truths: sum.truths + list.truths.length,
      found: sum.found + list.found.length,
      hits: sum.hits + pairs(list.truths, list.found, collarSeconds),
    });
  }
  return counts;
}

function pairs(truths: number[], found: number[], collar: number): number {
  truths.sort((a, b) => a - b);
  found.sort((a, b) => a - b);
  let hits = 0;
  for (let t = 0, f = 0; t < truths.length && f < found.length;) {
    const off = found[f] - truths[t];
    // A nanosecond, so that a collar of 0.2 s does not hang on the last bit of a sum.
    if (Math.abs(off) <= collar + 1e-9) {
      hits++;
      t++;
      f++;
    } else if (off > 0) t++;
    else f++;
  }
  return hits;
}

/** No truths or nothing found: that share is NaN, and F1 is 0 unless both are missing. */
export function eventScore({ truths, found, hits }: EventCounts): EventScore {
  return {
    truths,
    found,
    hits,
    precision: hits / found,
    recall: hits / truths,
    f1: (2 * hits) / (truths + found),
  };
}

export function sumCounts(counts: Iterable<EventCounts>): EventCounts {
  const sum = { truths: 0, found: 0, hits: 0 };
  for (const one of counts) {
    sum.truths += one.truths;
    sum.found += one.found;
    sum.hits += one.hits;
  }
  return sum;
}
