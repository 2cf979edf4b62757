import { z } from 'zod';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

const clock = (latest: string) =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, `must be a time of day, 00:00 to ${latest}`)
    .refine((text) => text <= latest, `must be at most ${latest}`);

/** When a site listens: spans of the week in its own time zone. One that ends before it begins runs past midnight. */
export const hoursSchema = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'is no time zone of the IANA list, such as Europe/Paris'),
  open: z
    .array(
      z.strictObject({
        days: z
          .array(z.enum(DAYS))
          .min(1)
          .default([...DAYS]),
        from: clock('23:59'),
        to: clock('24:00'),
      }),
    )
    .min(1, 'names no span: leave `hours` out to listen always'),
});
export type Hours = z.output<typeof hoursSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Day and minute of the day of a time, as a clock on the wall of that time zone shows them. */
export function wallClock(timeZone: string, atMillis: number): { day: Day; minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMillis);
  const part = (type: string) => parts.find((one) => one.type === type)!.value;
  return {
    day: part('weekday').toLowerCase() as Day,
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

/** Whether the site may listen at that time. */
export function isOpen({ timeZone, open }: Hours, atMillis: number): boolean {
  const { day, minute } = wallClock(timeZone, atMillis);
  const dayBefore = DAYS[(DAYS.indexOf(day) + 6) % 7];
  return open.some(({ days, from, to }) => {
    const [begin, end] = [minuteOf(from), minuteOf(to)];
    if (begin < end) return days.includes(day) && minute >= begin && minute < end;
    return (days.includes(day) && minute >= begin) || (days.includes(dayBefore) && minute < end);
  });
}

function minuteOf(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  return hour * 60 + minute;
}
