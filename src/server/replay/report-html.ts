import { readFile } from 'node:fs/promises';
import { CONSOLE_FOLDER } from '../console-folder.js';
import { ClameurError } from '../../config/index.js';
import type { ReplayReport } from './report-data.js';

/** One HTML file with the reports in it: no request to anywhere, and its own policy forbids one. Throws CONSOLE_MISSING. */
export async function reportHtml(reports: readonly ReplayReport[]): Promise<string> {
  const read = (name: string) =>
    readFile(`${CONSOLE_FOLDER}report/${name}`, 'utf8').catch((cause: unknown) => {
      throw new ClameurError('CONSOLE_MISSING', { folder: CONSOLE_FOLDER }, { cause });
    });
  const [script, style] = await Promise.all([read('report.js'), read('report.css')]);
  // In a script element nothing but `</` ends it; in JSON a `<` may be written so.
  const data = JSON.stringify(reports).replaceAll('<', '\\u003c');
  const title = reports.length === 1 ? reports[0].name : `${reports.length} scenes`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
<title>Clameur: ${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="reports">${data}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}
