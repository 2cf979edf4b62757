import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/config/index.js';
import type { Disturbance } from '../../src/feeds/splice.js';
import { measureFeatures } from '../../src/listen/features.js';
import { loadModel } from '../../src/listen/index.js';
import type { isText, TEXTS } from '../../src/console/texts.js';
import { clameur, ROOT } from '../support/service.js';

let texts: { TEXTS: typeof TEXTS; isText: typeof isText };
let said: (text: string) => { text: string; lang?: 'en' };

/** The page of a French browser, as far as its words need one. */
beforeAll(async () => {
  vi.stubGlobal('navigator', { language: 'fr-FR' });
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  texts = await import('../../src/console/texts.js');
  ({ said } = await import('../../src/console/said/said.js'));
});

/** Words of English that are no words of French. */
const ENGLISH = /\b(the|of|and|with|heard|not|is|are|it|its|pole|poles|from|which|there|was|were|has|to)\b/i;

describe('every text of the page', () => {
  /** The same in both languages, and rightly so. */
  const SAME = new Set(
    'explosion incidents transport nats verdict verdicts pause exportCsv exportGeo version source score minutes kurtosis licence confidence'.split(
      ' ',
    ),
  );
  test('is there in English and in French, and takes the same values', () => {
    for (const [key, [english, french]] of Object.entries(texts.TEXTS)) {
      expect(french.trim(), key).not.toBe('');
      if (!SAME.has(key)) expect(french, key).not.toBe(english);
      expect(french.split('{}').length, key).toBe(english.split('{}').length);
      expect(french.replace(/clameur token.*/, ''), key).not.toMatch(ENGLISH);
    }
  });

  test('names every class of the model, and every feature that explains a detection', async () => {
    const { classes } = await loadModel(undefined);
    const noise = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i * i));
    for (const name of [...classes, ...Object.keys(measureFeatures(noise)!)])
      expect(texts.isText(name), name).toBe(true);
  });
});

describe('what the service says', () => {
  /** Thrown by rooms that answer the page. */
  async function answered(): Promise<Set<ErrorCode>> {
    const codes = new Set<ErrorCode>();
    for (const room of ['server', 'review', 'feeds', 'config'])
      for (const name of await readdir(join(ROOT, 'src', room), { recursive: true })) {
        if (!name.endsWith('.ts')) continue;
        const text = await readFile(join(ROOT, 'src', room, name), 'utf8');
        for (const [, code] of text.matchAll(/'([A-Z]+_[A-Z_]+|INTERNAL)'/g))
          if (code in ERRORS) codes.add(code as ErrorCode);
      }
    return codes;
  }
  /** Told to whoever starts the service or a command, never to a page. */
  const NOT_THE_PAGE = new Set<ErrorCode>([
    'ACCESS_INVALID',
    'CONFIG_INVALID',
    'FFMPEG_MISSING',
    'HTTP_FAILED',
    'MICROPHONE_UNAVAILABLE',
    'PORT_IN_USE',
  ]);

  test('of errors, the page knows every one that it can be answered, word for word', async () => {
    const codes = await answered();
    expect(codes.size).toBeGreaterThan(20);
    for (const code of codes) {
      if (NOT_THE_PAGE.has(code)) continue;
      const { message } = ERRORS[code];
      const { text, lang } = said(message.replace(/\{\w+\}/g, '7'));
      expect(lang, `${code} has no French`).toBeUndefined();
      expect(text, code).not.toMatch(ENGLISH);
    }
  });

  test('of evidence, the page knows what real scenes give', { timeout: 300_000 }, async () => {
    const found = new Set<string>();
    for (const scene of [
      'positive/three-shots',
      'positive/shot-heard-by-few',
      'positive/crowd-clamour',
      'positive/two-shots-at-once',
    ]) {
      const { stdout } = await clameur(['replay', join('fixtures', scene), '--json', '--speed', 'max']);
      for (const line of stdout.trim().split('\n')) {
        const { data } = JSON.parse(line) as { data?: { reasons?: Array<{ text: string }> } };
        for (const { text } of data?.reasons ?? []) found.add(text);
      }
    }
    expect(found.size).toBeGreaterThan(10);
    for (const english of found) {
      const { text, lang } = said(english);
      expect(lang, english).toBeUndefined();
      expect(text).not.toMatch(ENGLISH);
    }
  });

  test('of evidence, the page knows every sentence that stands in the locator', async () => {
    const sources = await Promise.all(
      ['placement', 'reasons', 'fireworks', 'crowd'].map((name) =>
        readFile(join(ROOT, `src/locate/${name}.ts`), 'utf8'),
      ),
    );
    const sentences = sources
      .flatMap((source) => [...source.matchAll(/['`]([A-Z$][^'`\n]*\.)['`]/g)].map(([, text]) => text))
      // A choice between words stands for its last; a value for a number.
      .map((text) =>
        text.replace(/\$\{[^{}]*'([^']*)'\}/g, '$1').replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '7'),
      );
    expect(sentences.length).toBeGreaterThanOrEqual(8);
    for (const sentence of sentences) expect(said(sentence).lang, sentence).toBeUndefined();
  });

  test.each<[string, string]>([
    [
      'Sounded like fireworks too: 0.826 at port-est.',
      'Ressemblait aussi à : feux d’artifice, 0,826 à port-est.',
    ],
    [
      '8 poles heard it, 8 of them as gunshot above 0.6.',
      '8 mâts l’ont entendu, dont 8 comme coup de feu au-dessus de 0,6.',
    ],
    ['8 poles hear it, 3 still; loudest at opera.', '8 mâts l’entendent, 3 encore ; le plus fort à opera.'],
    ['shots: none instead of 3', 'tirs : aucun au lieu de 3'],
    [
      'Recording quai.flac: cut short: it holds 1.20 s of 8.00 s. Copy it again from where it was recorded, or keep what is there with ffmpeg -i quai.flac mended.flac.',
      'Enregistrement quai.flac : tronqué : il contient 1.20 s sur 8.00 s. Recopiez-le depuis sa source, ou gardez ce qui est là avec ffmpeg -i quai.flac mended.flac.',
    ],
    [
      'The upload has more than 30 minutes of sound, all poles together (it has 44). Cut the recording to what you ask about, or use clameur replay on the command line, which has no limit.',
      'L’envoi dépasse 30 minutes de son, tous mâts confondus (il en a 44). Coupez l’enregistrement à ce qui vous intéresse, ou utilisez clameur replay en ligne de commande, qui n’a pas de limite.',
    ],
  ])('%s', (english, french) => expect(said(english)).toEqual({ text: french }));

  test('of feeds, the page has a word for everything that is counted', () => {
    const disturbances: Record<Disturbance, true> = {
      gap_filled: true,
      gap: true,
      overlap: true,
      clock_step: true,
      discontinuity: true,
      rate_change: true,
      channels_change: true,
      sequence_skip: true,
      sequence_reset: true,
      restart: true,
    };
    for (const kind of Object.keys(disturbances)) expect(said(kind).lang, kind).toBeUndefined();
  });

  test('what it does not know stays English, and says so', () => {
    expect(said('Something quite new.')).toEqual({ text: 'Something quite new.', lang: 'en' });
  });
});
