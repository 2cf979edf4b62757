import { z } from 'zod';
import { areaSchema, type Area } from './area.js';
import { ClameurError } from './errors.js';
import { hoursSchema, type Hours } from './hours.js';
import { slipOf } from './slip.js';
import { TOKEN } from './token.js';

const token = z.string().regex(TOKEN, 'must be 1 to 32 of A-Z a-z 0-9 _ -');

const poleFeature = z.looseObject({
  type: z.literal('Feature'),
  geometry: z.object({
    type: z.literal('Point'),
    coordinates: z.union([
      z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
      z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90), z.number().min(-500).max(9000)]),
    ]),
  }),
  properties: z.looseObject({
    pole: token,
    recorded: z.boolean().optional(),
    positionUncertaintyMeters: z.number().nonnegative().max(10_000).optional(),
    fullScaleDbSpl: z.number().min(60).max(200).optional(),
    microphones: z
      .array(z.tuple([z.number(), z.number(), z.number()]))
      .min(1)
      .max(8)
      .optional(),
    publicKey: z.union([z.string(), z.array(z.string()).min(1).max(4)]).optional(),
  }),
});

const siteSchema = z.looseObject({
  type: z.literal('FeatureCollection'),
  properties: z.looseObject({
    site: token,
    hours: hoursSchema.optional(),
    muteZones: z.array(areaSchema).optional(),
    zones: z.array(areaSchema).optional(),
  }),
  features: z.array(poleFeature).min(1, 'has no poles'),
});

/** A mast with one or more microphones, a position (WGS 84) and a clock. */
export interface Pole {
  pole: string;
  /** [lon, lat] in degrees. */
  position: readonly [number, number];
  altitudeMeters: number;
  /** false: has no feed here and takes no part; such a pole is not a silent one. */
  recorded: boolean;
  /** 1σ of the horizontal position. */
  positionUncertaintyMeters: number;
  /** Sound pressure level of a full-scale sine; absent: levels are dBFS. */
  fullScaleDbSpl?: number;
  /** [east, north, up] metres from the pole, in channel order. */
  microphones?: ReadonlyArray<readonly [number, number, number]>;
  /** Base64 Ed25519 public key: the pole's frames must be signed. Several while a pole's key is changed. */
  publicKey?: string | readonly string[];
}

/** One deployment. */
export interface Site {
  site: string;
  poles: readonly Pole[];
  /** When it listens; absent: always. */
  hours?: Hours;
  /** Where nothing is listened to, and of which nothing is told. */
  muteZones?: readonly Area[];
  /** Districts that figures are told apart by; the first that holds a place counts. */
  zones?: readonly Area[];
}

/** Positions from survey or phone, where the site does not say. */
const DEFAULT_POSITION_UNCERTAINTY_METERS = 1;

/**
 * Reads a site from parsed GeoJSON. Unknown properties are ignored, but for slips of those that keep it silent or out.
 * Throws SITE_INVALID with the path of the offending value; `file` only names the source in that message.
 */
export function parseSite(json: unknown, file = 'site.geojson'): Site {
  const read = siteSchema.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    const at = issue.path.join('.') || 'the document';
    throw new ClameurError('SITE_INVALID', { file, problem: `${at}: ${issue.message}` });
  }
  const poles = read.data.features.map(({ geometry, properties: p }): Pole => {
    const [lon, lat, altitude] = geometry.coordinates;
    return {
      pole: p.pole,
      position: [lon, lat],
      altitudeMeters: altitude ?? 0,
      recorded: p.recorded ?? true,
      positionUncertaintyMeters: p.positionUncertaintyMeters ?? DEFAULT_POSITION_UNCERTAINTY_METERS,
      ...(p.fullScaleDbSpl !== undefined && { fullScaleDbSpl: p.fullScaleDbSpl }),
      ...(p.microphones && { microphones: p.microphones }),
      ...(p.publicKey !== undefined && { publicKey: p.publicKey }),
    };
  });
  refuseSlips(read.data, file);
  const seen = new Set<string>();
  for (const { pole } of poles) {
    if (seen.has(pole)) {
      throw new ClameurError('SITE_INVALID', {
        file,
        problem: `pole "${pole}" stands twice; ids must be unique`,
      });
    }
    seen.add(pole);
  }
  const { site, hours, muteZones, zones } = read.data.properties;
  return {
    site,
    poles,
    ...(hours && { hours }),
    ...(muteZones && { muteZones }),
    ...(zones && { zones }),
  };
}

/** Hours, mute zones and keys that are misspelt or misplaced would be none at all. */
function refuseSlips(data: z.output<typeof siteSchema>, file: string): void {
  const refuse = (at: string, name: string): never => {
    const problem = `${at}: is this meant as ${name}? As it stands it would be ignored`;
    throw new ClameurError('SITE_INVALID', { file, problem });
  };
  for (const name of ['hours', 'muteZones']) {
    const slip = slipOf(name, data.properties);
    if (slip !== undefined) refuse(`properties.${slip}`, name);
    const misplaced = name in data ? name : slipOf(name, data);
    if (misplaced !== undefined) refuse(misplaced, `properties.${name}`);
  }
  data.features.forEach(({ properties }, i) => {
    const slip = slipOf('publicKey', properties);
    if (slip !== undefined) refuse(`features.${i}.properties.${slip}`, 'publicKey');
  });
}
