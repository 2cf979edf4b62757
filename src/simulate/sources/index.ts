import type { Random } from '../random.js';
import { crowd, speech, type CrowdOptions } from './crowd.js';
import { explosion, type ExplosionOptions } from './explosion.js';
import { fireworks, type FireworksOptions } from './fireworks.js';
import { gunfire, type GunfireOptions } from './gunfire.js';
import { dog, door, glass, type DoorOptions } from './household.js';
import { engine, hammer, horn, jackhammer, siren, traffic, type EngineOptions } from './machines.js';
import { music } from './music.js';
import { rain, thunder, wind } from './nature.js';
import type { SourceSound } from './source.js';

export { SOURCE_RATE_HZ, type SourceSound } from './source.js';

/** Everything a source may be told; each kind reads what concerns it and draws the rest from its seed. */
export interface SourceOptions
  extends GunfireOptions, ExplosionOptions, CrowdOptions, FireworksOptions, DoorOptions, EngineOptions {}

const SOURCES = {
  gunshot: gunfire,
  explosion,
  crowd_clamour: crowd,
  fireworks,
  thunder,
  door,
  engine,
  traffic,
  jackhammer,
  hammer,
  siren,
  horn,
  speech,
  music,
  rain,
  wind,
  dog,
  glass,
} as const satisfies Record<string, (random: Random, options: SourceOptions) => SourceSound>;

export type SourceKind = keyof typeof SOURCES;
export const SOURCE_KINDS = Object.keys(SOURCES) as SourceKind[];

export function isSourceKind(name: string): name is SourceKind {
  return name in SOURCES;
}

/** Makes one sound: the same kind, options and random stream give the same samples. */
export function synthesise(kind: SourceKind, random: Random, options: SourceOptions = {}): SourceSound {
  return SOURCES[kind](random, options);
}
