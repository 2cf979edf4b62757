import { ClameurError, type Pole, type Site } from '../../config/index.js';
import type { StreamSource } from './source.js';

/** The site's pole of a stream. Throws CONFIG_INVALID where it cannot have one. */
export function checkedPole({ pole }: StreamSource, site: Site, sources: readonly StreamSource[]): Pole {
  const invalid = (problem: string) => new ClameurError('CONFIG_INVALID', { file: 'streams', problem });
  const known = site.poles.find((one) => one.pole === pole);
  if (!known?.recorded) {
    throw invalid(`pole "${pole}" is ${known ? 'not recorded in' : 'not in'} site "${site.site}"`);
  }
  if (sources.filter((one) => one.pole === pole).length > 1) throw invalid(`pole "${pole}" has two streams`);
  if (known.publicKey !== undefined) {
    throw invalid(`pole "${pole}" has a publicKey, so its frames must be signed, and no stream can sign`);
  }
  return known;
}

/** All of them, for who only wants to know. */
export function checkStreamPoles(site: Site, sources: readonly StreamSource[]): void {
  for (const source of sources) checkedPole(source, site, sources);
}
