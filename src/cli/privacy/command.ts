import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { readScene } from '../../feeds/index.js';
import { printJson } from '../output.js';
import { recordedWords, SLOT_SECONDS } from './speech.js';
import { timeline } from './timeline.js';
import { verify } from './verify.js';

const SCENE = fileURLToPath(new URL('../../../fixtures/positive/three-shots', import.meta.url));
const QUICK = { words: 4, times: 5 };
/** Four minutes a round; the hour repeats it, so that what was fed can be looked for in reasonable memory. */
const FULL = { words: 8, times: 36 };

interface VerifyFlags {
  quick?: boolean;
  minutes: string;
  seed?: string;
  speech?: string;
  preload?: string;
  json?: boolean;
}

/** `clameur privacy verify`: checks, from outside, that no sound is kept. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Feeds speech and shots to a live service, keeps every file, message, page and log line of it, and looks for the sound in them.',
    )
    .option('--quick', '16 s of speech instead of an hour')
    .option('--minutes <n>', 'how long to feed', '60')
    .option('--seed <text>', 'of the words and voices; without it another each time')
    .option(
      '--speech <folder>',
      'recordings of real speech, a folder a word (eight at most, each cut to 0.8 s), instead of made voices',
    )
    .option('--preload <module>', 'load this into the service first: one that leaks, to see that it is found')
    .option('--json', 'one JSON value a check on standard output')
    .addHelpText(
      'after',
      `
Example: clameur privacy verify --quick

Without --speech the words are those of Clameur's own formant synthesiser, of many voices: speech in pitch, formants and
rhythm, though nobody's. Exits 1 where a check fails.`,
    )
    .action(run);
}

async function run(flags: VerifyFlags): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const seed = flags.seed ?? randomBytes(4).toString('hex');
  const recordings = flags.speech === undefined ? undefined : await recordedWords(flags.speech);
  const size = flags.quick ? QUICK : FULL;
  const words = recordings ? Math.min(recordings.length, size.words) : size.words;
  const round = await timeline(SCENE, { seed, ...size, words, ...(recordings && { recordings }) });
  log(`seed ${seed}; ${round.order.length} words of ${SLOT_SECONDS} s a round, ${words} different`);
  const rounds = flags.quick ? 1 : Math.max(1, Math.round((Number(flags.minutes) * 60) / round.seconds));
  const { site } = await readScene(SCENE);
  const checks = await verify({
    site: `${SCENE}/site.geojson`,
    siteName: site.site,
    timeline: round,
    rounds,
    nodeArguments: flags.preload === undefined ? [] : ['--import', flags.preload],
    log,
  });
  for (const check of checks) {
    if (flags.json) printJson({ seed, ...check });
    else process.stdout.write(`${check.passed ? 'ok  ' : 'FAIL'}  ${check.name} (${check.detail})\n`);
  }
  if (checks.some(({ passed }) => !passed)) process.exitCode = 1;
}
