export type Verdict = 'ok' | 'warn' | 'fail';

/** What doctor found out about one thing; `mend` says what to do where it is not ok. */
export interface CheckReport {
  check: string;
  verdict: Verdict;
  found: string;
  mend?: string;
}

export type Check = () => Promise<CheckReport | CheckReport[]>;

export const ok = (check: string, found: string): CheckReport => ({ check, verdict: 'ok', found });
export const warn = (check: string, found: string, mend: string): CheckReport => ({
  check,
  verdict: 'warn',
  found,
  mend,
});
export const fail = (check: string, found: string, mend: string): CheckReport => ({
  check,
  verdict: 'fail',
  found,
  mend,
});

/** -1, 0 or 1 as version `a` is older than, as old as or newer than `b`; only the numbers count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
