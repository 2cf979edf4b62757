/** What a stretch of sound amounts to. */
export interface Moments {
  sum: number;
  squares: number;
  /** Greatest magnitude. */
  peak: number;
}

/**
 * Sums `samples` from `from` to before `to` into `into`, whose values it replaces: whoever calls it a thousand times a
 * second keeps one. Four sums side by side, since each addition waits for the one before it.
 */
export function momentsOf(samples: Float32Array, from: number, to: number, into: Moments): Moments {
  let [s0, s1, s2, s3, q0, q1, q2, q3, top] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const a = samples[i];
    const b = samples[i + 1];
    const c = samples[i + 2];
    const d = samples[i + 3];
    s0 += a;
    s1 += b;
    s2 += c;
    s3 += d;
    q0 += a * a;
    q1 += b * b;
    q2 += c * c;
    q3 += d * d;
    top = Math.max(top, Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  }
  for (; i < to; i++) {
    const x = samples[i];
    s0 += x;
    q0 += x * x;
    top = Math.max(top, Math.abs(x));
  }
  into.sum = s0 + s1 + (s2 + s3);
  into.squares = q0 + q1 + (q2 + q3);
  into.peak = top;
  return into;
}
