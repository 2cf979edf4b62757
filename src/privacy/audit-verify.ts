import { hashOf, isSigned, NOTHING_BEFORE, readRecord, type AuditRecord } from './audit-record.js';

export interface AuditHead {
  n: number;
  hash: string;
}

export interface AuditFault {
  /** Line of the log, from 1. */
  line: number;
  n?: number;
  fault: 'unreadable' | 'changed' | 'gap' | 'order' | 'key' | 'beginning' | 'end';
  text: string;
}

export interface AuditVerdict {
  ok: boolean;
  records: number;
  from?: string;
  to?: string;
  last?: AuditHead;
  /** Public keys that signed, in the order they came. */
  keys: string[];
  faults: AuditFault[];
}

export interface VerifyOptions {
  /** Public keys that may sign, base64. */
  trustedKeys: readonly string[];
  /** The last record that its writer knows of: without it, nobody can tell that the end was cut off. */
  head?: AuditHead;
  /** How long the log is kept: older records may have expired. */
  keptMillis: number;
  nowMillis: number;
}

/** Finds any change, gap or reordering of a log, one record a line. Pure. */
export function verifyAudit(lines: Iterable<string>, options: VerifyOptions): AuditVerdict {
  const faults: AuditFault[] = [];
  const keys = new Set<string>();
  let line = 0;
  let first: AuditRecord | undefined;
  let before: AuditRecord | undefined;
  let headSeen = options.head === undefined;
  for (const text of lines) {
    line++;
    const record = readRecord(text);
    const at = { line, ...(record && { n: record.n }) };
    const complain = (fault: AuditFault['fault'], words: string): void => {
      faults.push({ ...at, fault, text: words });
    };
    if (!record) {
      complain('unreadable', 'the line is no record of this log');
      continue;
    }
    if (!keys.has(record.key)) {
      keys.add(record.key);
      if (!options.trustedKeys.includes(record.key))
        complain('key', `signed by ${record.key}, which is not among the trusted keys`);
    }
    if (!isSigned(record)) complain('changed', 'the signature does not fit the record');
    if (before) follow(before, record, complain);
    else begin(record, options, complain);
    const { head } = options;
    if (head && record.n === head.n) {
      headSeen = true;
      if (hashOf(record) !== head.hash) complain('changed', 'its writer knows it otherwise');
    }
    first ??= record;
    before = record;
  }
  if (!headSeen) {
    const text = `the writer has written ${options.head!.n} records; the log ends with ${before?.n ?? 'none'}`;
    faults.push({ line, fault: 'end', text });
  }
  return {
    ok: faults.length === 0,
    records: line,
    ...(first && { from: first.at }),
    ...(before && { to: before.at, last: { n: before.n, hash: hashOf(before) } }),
    keys: [...keys],
    faults,
  };
}

type Complain = (fault: AuditFault['fault'], words: string) => void;

function follow(before: AuditRecord, record: AuditRecord, complain: Complain): void {
  if (record.n > before.n + 1)
    complain('gap', `${record.n - before.n - 1} records are missing before it, after ${before.n}`);
  else if (record.n <= before.n) complain('order', `it stands after record ${before.n}`);
  else if (record.prev !== hashOf(before) || record.prevAt !== before.at)
    complain('changed', 'it does not follow the record before it: one of the two was changed');
}

/** A log begins with its first record, or where older ones have expired. */
function begin(record: AuditRecord, { keptMillis, nowMillis }: VerifyOptions, complain: Complain): void {
  if (record.n === 1) {
    if (record.prev !== NOTHING_BEFORE) complain('beginning', 'the first record names one before it');
    return;
  }
  if (record.prevAt === undefined || nowMillis - Date.parse(record.prevAt) < keptMillis)
    complain('beginning', `the ${record.n - 1} records before it have not expired, and are missing`);
}
