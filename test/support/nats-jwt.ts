import { createHash } from 'node:crypto';
import { nkeys } from 'nats';

const text = new TextEncoder();
const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');

type Pair = ReturnType<typeof nkeys.createUser>;

/** A claim as nats-server has it (nats-io/jwt, version 2): `ed25519-nkey` over header.payload. */
function claim(issuer: Pair, subject: string, name: string, nats: object): string {
  const body = { iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), name, sub: subject, nats };
  const jti = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  const signed = `${base64url('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64url(JSON.stringify({ jti, ...body }))}`;
  return `${signed}.${base64url(issuer.sign(text.encode(signed)))}`;
}

/** A server's configuration in operator mode with one account, and that account's users as credentials files. */
export function operatorMode() {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const limits = {
    subs: -1,
    data: -1,
    payload: -1,
    imports: -1,
    exports: -1,
    wildcards: true,
    conn: -1,
    leaf: -1,
  };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountClaim = claim(operator, account.getPublicKey(), 'CITY', {
    limits: { ...limits, ...storage },
    default_permissions: { pub: {}, sub: {} },
    type: 'account',
    version: 2,
  });
  // JetStream of nats-server needs a system account, even for one account alone.
  const system = nkeys.createAccount();
  const systemClaim = claim(operator, system.getPublicKey(), 'SYS', { limits, type: 'account', version: 2 });
  const operatorClaim = claim(operator, operator.getPublicKey(), 'city', { type: 'operator', version: 2 });
  return {
    conf: `operator: ${operatorClaim}\nresolver: MEMORY\nsystem_account: ${system.getPublicKey()}\nresolver_preload: { ${account.getPublicKey()}: ${accountClaim}, ${system.getPublicKey()}: ${systemClaim} }\n`,
    credentials(name: string): string {
      const user = nkeys.createUser();
      const jwt = claim(account, user.getPublicKey(), name, {
        pub: {},
        sub: {},
        subs: -1,
        data: -1,
        payload: -1,
        type: 'user',
        version: 2,
      });
      const seed = Buffer.from(user.getSeed()).toString();
      return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    },
  };
}
