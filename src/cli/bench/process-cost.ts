import { readFile } from 'node:fs/promises';

/** Linux accounts a process's time in hundredths of a second for every reader, whatever its kernel's own tick. */
const TICKS_A_SECOND = 100;

/** What a process has taken so far, as the kernel counts it: its own /metrics tell it by the minute only. */
export async function processCost(pid: number): Promise<{ cpuSeconds: number; rssBytes: number }> {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
  );
  // proc(5): behind the name, which may hold anything, utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s*(\d+) kB/m.exec(status)!;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    rssBytes: Number(rss[1]) * 1024,
  };
}
