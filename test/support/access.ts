import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Access {
  /** For the service. */
  env: Record<string, string>;
  /** A token by role. */
  tokens: Record<'viewer' | 'technician' | 'operator', string>;
}

/** A file with one token a role, as `clameur token` makes it. */
export function accessFile(): Access {
  const roles = ['viewer', 'technician', 'operator'] as const;
  const tokens = Object.fromEntries(roles.map((role) => [role, `token-of-the-${role}-for-tests`]));
  const file = join(mkdtempSync(join(tmpdir(), 'clameur-tokens-')), 'tokens.yaml');
  const entries = roles.map((role) => {
    const sha256 = createHash('sha256').update(tokens[role]).digest('hex');
    return `- { name: test-${role}, role: ${role}, sha256: ${sha256} }\n`;
  });
  writeFileSync(file, entries.join(''));
  return { env: { CLAMEUR_HTTP_TOKENS: file }, tokens: tokens as Access['tokens'] };
}
