import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  user: string;
  password: string;
}

/**
 * The Authorization header that answers a WWW-Authenticate (RFC 7616 and RFC 7617); undefined where it asks for what is
 * neither Basic nor Digest. Of several challenges Digest is taken: it shows nobody the password.
 */
export function authorization(
  challenges: readonly string[],
  { user, password }: Credentials,
  method: string,
  uri: string,
  cnonce = randomBytes(8).toString('hex'),
): string | undefined {
  const digests = challenges.filter((one) => /^digest /i.test(one)).map(parameters);
  const digest = digests.find((one) => hashOf(one) !== undefined);
  if (digest) return answer(digest, hashOf(digest)!, { user, password }, method, uri, cnonce);
  if (!challenges.some((one) => /^basic/i.test(one))) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function answer(
  { realm = '', nonce = '', qop, opaque, algorithm }: Record<string, string>,
  hashName: string,
  { user, password }: Credentials,
  method: string,
  uri: string,
  cnonce: string,
): string {
  const hash = (text: string): string => createHash(hashName).update(text).digest('hex');
  const secret = hash(`${user}:${realm}:${password}`);
  const request = hash(`${method}:${uri}`);
  const withQop = qop?.split(',').some((one) => one.trim() === 'auth') ?? false;
  const count = '00000001';
  const response = withQop
    ? hash(`${secret}:${nonce}:${count}:${cnonce}:auth:${request}`)
    : hash(`${secret}:${nonce}:${request}`);
  const parts = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    ...(algorithm ? [`algorithm=${algorithm}`] : []),
    ...(opaque ? [`opaque="${opaque}"`] : []),
    ...(withQop ? ['qop=auth', `nc=${count}`, `cnonce="${cnonce}"`] : []),
  ];
  return `Digest ${parts.join(', ')}`;
}

function hashOf({ algorithm = 'MD5' }: Record<string, string>): string | undefined {
  return { MD5: 'md5', 'SHA-256': 'sha256' }[algorithm.toUpperCase()];
}

function parameters(challenge: string): Record<string, string> {
  const found = [...challenge.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)];
  return Object.fromEntries(found.map(([, key, quoted, plain]) => [key.toLowerCase(), quoted ?? plain]));
}
