import { language } from '../settings.js';
import { isText, word } from '../texts.js';
import { ERROR_SENTENCES } from './errors.js';
import { EVIDENCE_SENTENCES } from './evidence.js';
import { FEED_SENTENCES } from './feeds.js';

const known = [...EVIDENCE_SENTENCES, ...FEED_SENTENCES, ...ERROR_SENTENCES].map(([english, french]) => ({
  pattern: patternOf(english),
  french,
}));

function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{(\w+)\}/);
  const seen = new Set<string>();
  const pattern = parts.map((part, i) => {
    if (i % 2 === 0) return part.replace(/[.*+?^$()|[\]{}\\/]/g, String.raw`\$&`);
    if (seen.has(part)) return String.raw`\k<${part}>`;
    seen.add(part);
    return `(?<${part}>.+?)`;
  });
  return new RegExp(`^${pattern.join('')}$`, 's');
}

/**
 * A sentence of the service in the language of the page. The service speaks one language, in events, errors and logs
 * alike, for hubs and logs are read by programs too; so the page knows its sentences. What it does not know stays as it
 * is, and `lang` says so.
 */
export function said(text: string): { text: string; lang?: 'en' } {
  if (language.value !== 'fr') return { text };
  const french = inFrench(text);
  return french === undefined ? { text, lang: 'en' } : { text: french };
}

function inFrench(text: string): string | undefined {
  for (const { pattern, french } of known) {
    const found = pattern.exec(text);
    if (!found) continue;
    return french.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = found.groups?.[name];
      return value === undefined ? whole : part(value);
    });
  }
  return undefined;
}

/** What stands in a sentence: another sentence, a number, the name of a class, or a name of somebody else's. */
function part(value: string): string {
  if (/^-?\d+\.\d+$/.test(value)) return value.replace('.', ',');
  return inFrench(value) ?? (isText(value) ? word(value).toLowerCase() : value);
}
