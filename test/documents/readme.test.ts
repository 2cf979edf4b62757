import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clameur, ROOT } from '../support/service.js';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'src/config/README.md',
  'src/feeds/README.md',
  'src/locate/README.md',
  'charts/README.md',
  'charts/clameur/README.md',
  'src/publish/README.md',
  'src/server/README.md',
  'src/review/README.md',
  'src/privacy/README.md',
  'src/telemetry/README.md',
  'models/README.md',
  'src/server/auth/README.md',
];

/** Every `npx clameur …` line of the sh blocks of a document, as words. */
function commandsIn(document: string): string[][] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block.split('\n'))
    .filter((line) => line.startsWith('npx clameur '))
    .map((line) => line.split(' ').slice(2));
}

/** Long-lived, or with a run of its own elsewhere: here their options are only read. */
const NOT_RUN = new Set([
  'serve',
  'bench',
  'doctor',
  'demo',
  'feed',
  'eval',
  'exercise',
  'check-pole',
  'report',
]);

describe('what the README and the page on location show', () => {
  it.each(
    ['README.md', 'src/locate/README.md']
      .flatMap(commandsIn)
      .map((words) => [words.join(' '), words] as const),
  )('clameur %s', async (_line, words) => {
    const help = await clameur([words[0], '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Example');
    for (const option of words.filter((word) => word.startsWith('--'))) expect(help.stdout).toContain(option);
    if (NOT_RUN.has(words[0])) return;
    const result = await clameur(words);
    expect(result.code, result.stderr).toBe(0);
  });
});

it.each(documents)('%s links only to what is there', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link);
  const missing = links.filter((link) => !existsSync(join(ROOT, dirname(document), link)));
  expect(missing).toEqual([]);
});

describe('the table of promises in the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const parts = readme.split('\n## Security and privacy\n');
  const rows = parts[1]
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };

  it('is there once', () => {
    expect(parts).toHaveLength(2);
    expect(rows.length).toBeGreaterThan(15);
  });

  it.each(rows.map((row) => [row.split(' | ')[0], row] as const))(
    '%s: its command is there',
    async (_name, row) => {
      const cells = row.split(' | ');
      expect(cells).toHaveLength(3);
      const commands = [...cells[2].matchAll(/`([^`]+)`/g)].map(([, command]) => command);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        const words = command.split(' ').filter((word) => !/^[A-Z]+=/.test(word));
        if (words[0] === 'npm') expect(scripts).toHaveProperty([words[2]]);
        // Of a test that is named by its beginning, there must be one.
        for (const path of words.filter((word) => /^(test|\.ci)\//.test(word)))
          expect(
            [path, `${path}.test.ts`].some((one) => existsSync(join(ROOT, one))),
            path,
          ).toBe(true);
        if (!words.includes('clameur')) continue;
        const named = words.slice(words.indexOf('clameur') + 1).filter((word) => /^[a-z]+$/.test(word));
        const help = await clameur([...named, '--help']);
        expect(help.code, command).toBe(0);
        for (const option of words.filter((word) => word.startsWith('--')))
          expect(help.stdout).toContain(option);
      }
    },
  );
});
