/** The classes that can become events, in the order of the model's first outputs. `unusual` is off unless a site asks. */
export const EVENT_CLASSES = ['gunshot', 'explosion', 'crowd_clamour', 'unusual'] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];

/** Short blasts: they have arrivals and can be located by travel time. A crowd is a span of time. */
export const IMPULSE_CLASSES = ['gunshot', 'explosion'] as const;
export type ImpulseClass = (typeof IMPULSE_CLASSES)[number];

export function isImpulse(name: EventClass): name is ImpulseClass {
  return name === 'gunshot' || name === 'explosion';
}
