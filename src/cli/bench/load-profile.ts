import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { round } from './statistics.js';

/** As V8 writes it with --cpu-prof, as far as it is read here. */
interface CpuProfile {
  nodes: ReadonlyArray<{ id: number; callFrame: { functionName: string; url: string } }>;
  samples: readonly number[];
  timeDeltas: readonly number[];
}

/** What belongs to which part, by the file that runs; the first that fits. */
const PARTS: ReadonlyArray<readonly [string, RegExp]> = [
  ['model', /onnxruntime|classifier-worker/],
  ['NATS client', /node_modules\/nats/],
  ['frames: decode, continuity', /dist\/feeds|audio\/(frame|resampler|dot|filter-banks)/],
  ['onsets', /listen\/(onset|envelope|aic)|^wasm:/],
  ['ring', /audio\/ring|listen\/recent/],
  ['patches, batches', /listen\/(classifier|patch|level|pole-listener|listener)/],
  ['trackers, features', /dist\/listen|meyda/],
  ['locate', /dist\/locate/],
  ['publish', /dist\/publish|classic-level/],
  ['metrics, log', /telemetry|prom-client|pino/],
  ['cli', /dist\/cli/],
  ['node', /^node:/],
];
const IDLE = '(idle)';

/** A folder for the service to write its profile to as it ends. */
export class ProfileFolder {
  static async make(): Promise<ProfileFolder> {
    return new ProfileFolder(await mkdtemp(join(tmpdir(), 'clameur-profile-')));
  }

  private constructor(readonly folder: string) {}

  get nodeArguments(): readonly string[] {
    return ['--cpu-prof', `--cpu-prof-dir=${this.folder}`];
  }

  /** Share of the time in which anything ran, by part, greatest first; the folder is removed. */
  async shares(): Promise<Record<string, number>> {
    const files = (await readdir(this.folder)).filter((name) => name.endsWith('.cpuprofile'));
    const profiles = await Promise.all(
      files.map(async (name) => JSON.parse(await readFile(join(this.folder, name), 'utf8')) as CpuProfile),
    );
    await rm(this.folder, { recursive: true });
    return sharesOf(profiles);
  }
}

/** Of all threads together. Pure. */
export function sharesOf(profiles: readonly CpuProfile[]): Record<string, number> {
  const micros = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
    samples.forEach((id, i) => {
      const part = parts.get(id)!;
      if (part !== IDLE) micros.set(part, (micros.get(part) ?? 0) + timeDeltas[i]);
    });
  }
  const total = [...micros.values()].reduce((sum, one) => sum + one, 0);
  const sorted = [...micros].sort(([, a], [, b]) => b - a);
  return Object.fromEntries(sorted.map(([part, time]) => [part, round(time / total, 3)]));
}

function partOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === IDLE) return IDLE;
  if (url === '') return 'native code';
  return PARTS.find(([, pattern]) => pattern.test(url))?.[0] ?? 'other';
}
