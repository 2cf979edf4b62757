import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  exportJWK,
  importSPKI,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ClameurError, type ServiceConfig } from '../../config/index.js';
import { isRole, mayDo, type Principal, type Role } from './roles.js';

type JwtConfig = NonNullable<ServiceConfig['http']['jwt']>;

/** Only signatures of a key pair: with a shared secret, or `none`, a public key could be made a password. */
const ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const CLOCK_TOLERANCE_SECONDS = 30;

/** Gives who a JWT (RFC 7519) stands for; undefined where it is not valid, or names no role of ours. */
export type JwtCheck = (token: string) => Promise<Principal | undefined>;

/**
 * `jwt.keys` is a JWKS or PEM file, or the https address of a JWKS (OIDC's jwks_uri). Throws ACCESS_INVALID; `onProblem`
 * hears of an address that gives no keys later: then nobody comes in by a token, however good it is.
 */
export async function jwtCheck(jwt: JwtConfig, onProblem: (error: unknown) => void): Promise<JwtCheck> {
  const keys = await keySet(jwt.keys, onProblem);
  return async (token) => {
    const read = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: jwt.issuer,
      audience: jwt.audience,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    }).catch(() => undefined);
    if (!read) return undefined;
    const { payload } = read;
    const role = highestRole(claim(payload, jwt.roleClaim), jwt.rolePrefix);
    if (!role) return undefined;
    const name = String(payload['preferred_username'] ?? payload.sub ?? 'unnamed').replace(/[^\w.@-]/g, '_');
    return { name: name.slice(0, 64), role, kind: 'jwt', expiresAtMillis: payload.exp! * 1000 };
  };
}

async function keySet(keys: string, onProblem: (error: unknown) => void): Promise<JWTVerifyGetKey> {
  if (keys.includes('://')) {
    if (!keys.startsWith('https://')) {
      throw new ClameurError('ACCESS_INVALID', { file: keys, problem: 'keys must come over https' });
    }
    return remoteKeySet(keys, onProblem);
  }
  try {
    const text = await readFile(keys, 'utf8');
    if (!text.includes('-----BEGIN')) return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    // Which algorithm a PEM is for does not stand in it; try those that a key can be of.
    for (const algorithm of ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256']) {
      const key = await importSPKI(text, algorithm, { extractable: true }).catch(() => undefined);
      if (key) return createLocalJWKSet({ keys: [await exportJWK(key)] });
    }
    throw new RangeError('is not a public key in PEM (SPKI)');
  } catch (cause) {
    // A parser's message may quote the file; a wrong file may hold a private key.
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code ?? (cause instanceof RangeError ? cause.message : 'is neither a JWKS nor a PEM');
    throw new ClameurError('ACCESS_INVALID', { file: keys, problem });
  }
}

/** Tells what keeps the keys away, once until they came or it changes. */
function remoteKeySet(address: string, onProblem: (error: unknown) => void): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(address), { timeoutDuration: 5_000 });
  let told: string | undefined;
  return async (header, token) => {
    try {
      const key = await keys(header, token);
      told = undefined;
      return key;
    } catch (cause) {
      // Keys came, and none is this token's: the token's fault.
      const came =
        cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;
      const { message, cause: why } = cause as Error;
      const problem = `gives no keys: ${why instanceof Error ? why.message : message}`;
      if (!came && problem !== told)
        onProblem(new ClameurError('ACCESS_INVALID', { file: address, problem }));
      told = came ? undefined : problem;
      throw cause;
    }
  };
}

/** `realm_access.roles` reads `payload.realm_access.roles`, where no claim has that name with its dots, as addresses do. */
function claim(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  return path
    .split('.')
    .reduce<unknown>((at, key) => (Object(at) === at ? (at as JWTPayload)[key] : undefined), payload);
}

function highestRole(value: unknown, prefix: string): Role | undefined {
  const names = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[\s,]+/) : [];
  const roles = names
    .filter((name): name is string => typeof name === 'string' && name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter(isRole);
  return roles.reduce<Role | undefined>((best, role) => (best && mayDo(best, role) ? best : role), undefined);
}
