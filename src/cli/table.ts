import Table from 'cli-table3';

type Cell = string | number;

/** A table as text, without colours (they would be noise in a file or a pipe) and without lines between its rows. */
export function tableOf(
  rows: ReadonlyArray<readonly Cell[]>,
  options: { head?: readonly string[]; align?: ReadonlyArray<'left' | 'center' | 'right'> } = {},
): string {
  const { head = [], align = [] } = options;
  const table = new Table({
    head: [...head],
    colAligns: [...align],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}
