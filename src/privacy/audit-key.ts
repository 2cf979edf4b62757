import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ClameurError } from '../config/index.js';

/** Where the key lies that the service makes for itself. */
export function auditKeyFile(dataFolder: string, configured?: string): string {
  return configured ?? join(dataFolder, 'audit-key.pem');
}

/** The key that signs, as its file has it. Throws AUDIT_KEY, also where there is none. */
export async function readAuditKey(file: string): Promise<KeyObject> {
  try {
    const key = createPrivateKey(await readFile(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is ${key.asymmetricKeyType}, not ed25519`);
    return key;
  } catch (cause) {
    throw new ClameurError('AUDIT_KEY', { file, problem: (cause as Error).message }, { cause });
  }
}

/** As readAuditKey; one that is missing is made, readable by this user only. */
export async function readOrMakeAuditKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    await mkdir(dirname(file), { recursive: true });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
    return privateKey;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return readAuditKey(file);
    throw new ClameurError('AUDIT_KEY', { file, problem: (cause as Error).message }, { cause });
  }
}
