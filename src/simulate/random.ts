/**
 * Seeded pseudo-random numbers: sfc32 (Doty-Humphrey, PractRand), seeded by FNV-1a over the seed's text.
 * 32-bit integer arithmetic only, so the same seed gives the same stream on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(private readonly seed: string | number) {
    this.a = fnv1a(`${seed}/a`);
    this.b = fnv1a(`${seed}/b`);
    this.c = fnv1a(`${seed}/c`);
    for (let i = 0; i < 15; i++) this.next();
  }

  /** A stream of its own for one part, so that a change in one part leaves the others as they were. */
  fork(label: string | number): Random {
    return new Random(`${this.seed}/${label}`);
  }

  /** Uniform in [0, 1), 32 bits. */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    this.c |= 0;
    return (t >>> 0) / 4294967296;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Uniform on a logarithmic scale; both bounds positive. */
  logUniform(low: number, high: number): number {
    return low * Math.pow(high / low, this.next());
  }

  /** White noise in [-1, 1), variance 1/3. */
  white(): number {
    return 2 * this.next() - 1;
  }

  /** Standard normal: the sum of twelve uniforms (range ±6), which needs no transcendental function. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }

  /** Integer in [low, high], both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)];
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
