import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/service.js';

interface Panel {
  title: string;
  targets?: Array<{ expr: string }>;
}

/** The queries of the shipped dashboard as Grafana would send them with every choice at "All". */
export async function dashboardQueries(): Promise<Array<{ panel: string; expression: string }>> {
  const file = join(ROOT, 'charts/clameur/files/dashboard.json');
  const { panels } = JSON.parse(await readFile(file, 'utf8')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll('$job', '.*').replaceAll('$__rate_interval', '1m'),
    })),
  );
}
