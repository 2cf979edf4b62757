import type { ConnectionOptions } from 'nats';

/**
 * Who to be at these servers, where an address says so as NATS's own tools take it: `nats://user:password@host`, or
 * `nats://token@host`. The library itself passes over it. One connection is one user: the first that is named. Where one
 * of the addresses says `tls://`, nothing is said in the clear: the library would ask for TLS only where a server offers it.
 */
export function addressOptions(
  addresses: readonly string[],
): Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> {
  const parts = addresses.map((address) => /^([a-z]+:\/\/)?(?:(.*)@)?(.*)$/is.exec(address)!);
  const servers = parts.map(([, scheme = '', , host]) => scheme + host);
  const named = parts.map(([, , who]) => who).find((who) => who);
  const tls = parts.some(([, scheme]) => /^tls:/i.test(scheme ?? '')) && { tls: {} };
  if (named === undefined) return { servers, ...tls };
  const [first, ...rest] = named.split(':');
  if (rest.length === 0) return { servers, ...tls, token: decoded(first) };
  return { servers, ...tls, user: decoded(first), pass: decoded(rest.join(':')) };
}

/** A password with a bare % is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
