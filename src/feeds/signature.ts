import { createPublicKey, verify, type KeyObject } from 'node:crypto';

export const SIGNATURE_HEADER = 'Clameur-Signature';

const RAW_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Reads a site's `publicKey`: base64 of the 32 raw bytes, or of their SPKI DER. Throws RangeError where it is neither. */
export function readPublicKey(base64: string): KeyObject {
  const bytes = Buffer.from(base64, 'base64');
  try {
    const key =
      bytes.length === RAW_KEY_BYTES
        ? createPublicKey({
            key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
            format: 'jwk',
          })
        : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new RangeError('is not base64 of an Ed25519 public key (32 bytes)', { cause });
  }
  throw new RangeError('is not an Ed25519 key');
}

/** What a signature covers: subject, a zero byte, payload. The subject keeps a frame from being sent as another pole's. */
export function signedBytes(subject: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(subject), Buffer.alloc(1), payload]);
}

export function isSignedBy(
  key: KeyObject,
  subject: string,
  payload: Uint8Array,
  signature: string | undefined,
): boolean {
  const bytes = Buffer.from(signature ?? '', 'base64');
  return bytes.length === SIGNATURE_BYTES && verify(null, signedBytes(subject, payload), key, bytes);
}
