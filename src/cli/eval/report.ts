import { escapeText } from './charts.js';
import type { NamedTable } from './tables.js';

export interface ReportContent {
  command: string;
  models: ReadonlyArray<{ label: string; sha256: string }>;
  tables: readonly NamedTable[];
  /** SVG. */
  charts: readonly string[];
}

const STYLE = `body{font-family:sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse;margin:0 0 2em}
th,td{border:1px solid #bbb;padding:.25em .6em;text-align:left;font-variant-numeric:tabular-nums}
th{background:#eee}code{background:#f3f3f3;padding:.1em .3em;overflow-wrap:anywhere}
.charts{display:flex;flex-wrap:wrap;gap:1em}svg{border:1px solid #ddd;max-width:100%;height:auto}`;

/** One HTML page with everything in it: nothing is fetched, nothing runs. */
export function reportPage({ command, models, tables, charts }: ReportContent): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  const sections = tables
    .filter(({ rows }) => rows.length > 0)
    .map(
      ({ title, head, rows }) =>
        `<h2>${escapeText(title)}</h2>\n<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('\n')}</table>`,
    );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Clameur: evaluation</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${STYLE}</style></head><body>
<h1>Clameur: evaluation</h1>
<p><code>${escapeText(command)}</code></p>
<ul>${models.map(({ label, sha256 }) => `<li>${escapeText(label)}, SHA-256 <code>${sha256}</code></li>`).join('')}</ul>
<p>In brackets: 95 % bootstrap intervals, whole groups drawn together.</p>
<div class="charts">${charts.join('\n')}</div>
${sections.join('\n')}
</body></html>
`;
}
