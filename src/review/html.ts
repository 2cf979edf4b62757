/** Text as HTML text or attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
}

export type HtmlCell = string | number | undefined;

/** First column as row headings; what is unknown stays empty. */
export function htmlTable(
  caption: string,
  head: readonly string[],
  rows: ReadonlyArray<readonly HtmlCell[]>,
): string {
  if (rows.length === 0) return '';
  const text = (cell: HtmlCell) => escapeHtml(cell === undefined ? '' : String(cell));
  const line = ([first, ...rest]: readonly HtmlCell[]) =>
    `<tr><th scope="row">${text(first)}</th>${rest.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  return `<table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${head.map((one) => `<th scope="col">${escapeHtml(one)}</th>`).join('')}</tr></thead>
<tbody>${rows.map(line).join('\n')}</tbody></table>
`;
}

/** Its hash is what a Content-Security-Policy without `unsafe-inline` lets through. */
export const HTML_STYLE = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8885; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; }`;

/** A page that needs nothing but itself: no script, no link to another host. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${HTML_STYLE}</style></head>
<body>
${body}</body></html>
`;
}
