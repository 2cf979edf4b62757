import type { UserRights } from './rights.js';

/** How users prove who they are: a password from the server's environment, an nkey, or the name in a client certificate. */
export type Proof = 'password' | 'nkey' | 'certificate';

/** The environment variable of a user's password: `pole-quai-1` → `CLAMEUR_POLE_QUAI_1_PASSWORD`. */
export function passwordVariable(user: string): string {
  const word = user === 'clameur' ? 'SERVICE' : user.replace(/\W/g, '_').toUpperCase();
  return `CLAMEUR_${word}_PASSWORD`;
}

/** An `accounts` block for nats-server's configuration; `nkeys` are the users' public keys, where they prove by them. */
export function natsConf(
  site: string,
  users: readonly UserRights[],
  proof: Proof,
  nkeys?: ReadonlyMap<string, string>,
): string {
  const lines = users.flatMap((one) => [
    `      # ${one.user === one.role ? one.user : `${one.user}: ${one.role}`}`,
    `      { ${credential(one.user, proof, nkeys)}, permissions {`,
    `          publish ${list(one.publish)}`,
    `          subscribe ${list(one.subscribe)}${one.responses ? '\n          allow_responses: true' : ''} } }`,
  ]);
  return [
    `# Users of site "${site}" and what each may do. Made by: clameur permissions --site site.geojson`,
    '# JetStream subjects are not split by site: give each site an account of its own.',
    'accounts {',
    `  ${accountName(site)} {`,
    '    jetstream: enabled',
    '    users: [',
    ...lines,
    '    ]',
    '  }',
    '}',
    '',
  ].join('\n');
}

function credential(user: string, proof: Proof, nkeys?: ReadonlyMap<string, string>): string {
  if (proof === 'nkey') return `nkey: ${nkeys?.get(user)}`;
  if (proof === 'certificate') return `user: "CN=${user}"`;
  return `user: "${user}", password: $${passwordVariable(user)}`;
}

function accountName(site: string): string {
  return `CLAMEUR_${site.replace(/\W/g, '_').toUpperCase()}`;
}

function list(subjects: readonly string[]): string {
  if (subjects.length === 0) return '{ deny: ">" }';
  const quoted = subjects.map((subject) => `"${subject}"`);
  const lines = [''];
  for (const one of quoted) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + one.length > 110) lines.push(one);
    else lines[lines.length - 1] = last === '' ? one : `${last}, ${one}`;
  }
  return lines.length === 1
    ? `{ allow: [${lines[0]}] }`
    : `{ allow: [\n            ${lines.join(',\n            ')}] }`;
}
