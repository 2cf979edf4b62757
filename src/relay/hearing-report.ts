import { z } from 'zod';
import type { Nanos } from '../audio/index.js';
import type { FeedState } from '../feeds/index.js';

/** What a listener tells of one pole. Absent fields: as it was told before. */
export interface PoleReport {
  /** Every arrival before this has been sent as a detection. */
  decidedNanos?: Nanos;
  state?: FeedState;
  reason?: string;
  /** Whether its sound counts now: live, and what was left of the last silence is decided. */
  live?: boolean;
  /** 1σ of its clock, seconds; null: unknown. */
  clockUncertaintySeconds?: number | null;
  /** The listener hears it no more: another one does. */
  left?: true;
}

/** A listener's heartbeat: how far it has decided, pole by pole. Core NATS, several times a second, never stored. */
export interface HearingReport {
  listener: string;
  exercise: boolean;
  /** Sequence of the last detection sent before this: what is decided counts once that one is here. */
  sent: number;
  poles: ReadonlyMap<string, PoleReport>;
}

const pole = z.object({
  d: z.number().optional(),
  state: z.enum(['waiting', 'live', 'stalled', 'failed']).optional(),
  reason: z.string().optional(),
  live: z.boolean().optional(),
  clock: z.number().nullable().optional(),
  left: z.literal(true).optional(),
});
const message = z.object({
  listener: z.string(),
  exercise: z.boolean(),
  sent: z.int(),
  base: z.string().regex(/^\d{1,20}$/),
  poles: z.record(z.string(), pole),
});

export function reportSubject(site: string, listener: string): string {
  return `listeners.${site}.${listener}`;
}

/** `d` is nanoseconds before or after `base`, which keeps a report of a thousand poles small. */
export function encodeReport({ listener, exercise, sent, poles }: HearingReport): string {
  const times = [...poles.values()].flatMap(({ decidedNanos }) => decidedNanos ?? []);
  const base = times[0] ?? 0n;
  return JSON.stringify({
    listener,
    exercise,
    sent,
    base: String(base),
    poles: Object.fromEntries(
      [...poles].map(([name, { decidedNanos, clockUncertaintySeconds, ...rest }]) => [
        name,
        {
          ...(decidedNanos !== undefined && { d: Number(decidedNanos - base) }),
          ...(clockUncertaintySeconds !== undefined && { clock: clockUncertaintySeconds }),
          ...rest,
        },
      ]),
    ),
  });
}

/** Undefined where the text is no report. */
export function decodeReport(text: string): HearingReport | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = message.safeParse(json);
  if (!parsed.success) return undefined;
  const { base, poles, ...same } = parsed.data;
  const zero = BigInt(base);
  return {
    ...same,
    poles: new Map(
      Object.entries(poles).map(([name, { d, clock, ...rest }]) => [
        name,
        {
          ...(d !== undefined && { decidedNanos: zero + BigInt(Math.floor(d)) }),
          ...(clock !== undefined && { clockUncertaintySeconds: clock }),
          ...rest,
        } as PoleReport,
      ]),
    ),
  };
}
