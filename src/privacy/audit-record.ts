import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';

export const AUDIT_KINDS = [
  'start',
  'stop',
  'configuration',
  'model',
  'verdict',
  'export',
  'exercise',
  'denied',
  'switch',
  'broken',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** What is to be noted; the chain makes a record of it. */
export interface AuditNote {
  /** The same on every try. */
  id: string;
  at: string;
  kind: AuditKind;
  details: Record<string, unknown>;
}

const recordSchema = z.strictObject({
  n: z.int().min(1),
  id: z.string(),
  at: z.iso.datetime(),
  site: z.string(),
  kind: z.enum(AUDIT_KINDS),
  details: z.record(z.string(), z.unknown()),
  /** SHA-256 of the record before in RFC 8785 form, signature included; 64 zeros before the first. */
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  /** Time of the record before: tells an expired beginning from one that was cut off. Absent in the first. */
  prevAt: z.iso.datetime().optional(),
  /** Public key that signed, 32 bytes in base64. */
  key: z.base64(),
  /** Ed25519 over the record in RFC 8785 form without `signature`, base64. */
  signature: z.base64(),
});

/** One line of the audit log. */
export type AuditRecord = z.output<typeof recordSchema>;

export const NOTHING_BEFORE = '0'.repeat(64);

export function hashOf(record: AuditRecord): string {
  return createHash('sha256').update(canonicalize(record)!).digest('hex');
}

/** The next record of a chain, signed. */
export function makeRecord(
  note: AuditNote,
  site: string,
  before: AuditRecord | undefined,
  privateKey: KeyObject,
): AuditRecord {
  const unsigned = {
    n: (before?.n ?? 0) + 1,
    ...note,
    site,
    prev: before ? hashOf(before) : NOTHING_BEFORE,
    ...(before && { prevAt: before.at }),
    key: publicKeyOf(privateKey),
  };
  const signature = sign(null, Buffer.from(canonicalize(unsigned)!), privateKey).toString('base64');
  return { ...unsigned, signature };
}

export function isSigned({ signature, ...unsigned }: AuditRecord): boolean {
  try {
    const der = Buffer.concat([SPKI_PREFIX, Buffer.from(unsigned.key, 'base64')]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(canonicalize(unsigned)!), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** Undefined where the line is no record. */
export function readRecord(line: string): AuditRecord | undefined {
  try {
    const read = recordSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in DER. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function publicKeyOf(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return der.subarray(SPKI_PREFIX.length).toString('base64');
}
