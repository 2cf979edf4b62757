import { SERVICE_INBOX, type Site } from '../../config/index.js';

export const NATS_ROLES = ['pole', 'weather', 'service', 'listener', 'locator', 'hub', 'technician'] as const;
export type NatsRole = (typeof NATS_ROLES)[number];

/** What one NATS user may do: subjects, and nothing besides them. */
export interface UserRights {
  user: string;
  role: NatsRole;
  publish: string[];
  /** Empty: it may subscribe to nothing. */
  subscribe: string[];
  /** It may answer requests, whatever the answer's subject. */
  responses: boolean;
}

type Rights = Pick<UserRights, 'publish' | 'subscribe'>;

/** What every client of JetStream asks first. */
const JETSTREAM = ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST'];
const INBOX = '_INBOX.>';
const OWN_INBOX = `${SERVICE_INBOX}.>`;

/** Makes the stream where it is missing, and looks at it; not its deletion, purge or change. */
function makes(...streams: string[]): string[] {
  return streams.flatMap((name) => [`$JS.API.STREAM.CREATE.${name}`, `$JS.API.STREAM.INFO.${name}`]);
}

/** Single messages of a stream. */
function looksUp(...streams: string[]): string[] {
  return streams.map((name) => `$JS.API.STREAM.MSG.GET.${name}`);
}

/**
 * Consumers of a stream and its single messages. A consumer delivers to any subject of the account, past the rights of
 * who made it: who may write a stream and make consumers of it can have anything said anywhere.
 */
function reads(...streams: string[]): string[] {
  return streams.flatMap((name) => [
    ...looksUp(name),
    `$JS.API.CONSUMER.*.${name}`,
    `$JS.API.CONSUMER.*.${name}.>`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${name}.>`,
    `$JS.API.CONSUMER.MSG.NEXT.${name}.>`,
    `$JS.ACK.${name}.>`,
  ]);
}

function bucket(name: string): Rights {
  const stream = `KV_${name}`;
  return { publish: [...makes(stream), ...looksUp(stream), `$KV.${name}.>`], subscribe: [`$KV.${name}.>`] };
}

/** A pole speaks under its own name, and hears nothing. */
const pole = (site: string, name: string): Rights => ({ publish: [`audio.${site}.${name}`], subscribe: [] });

/** No consumers: it could have what it writes into the audit log delivered as an event. */
const listener = (site: string): Rights => ({
  publish: [
    `detections.${site}.>`,
    `listeners.${site}.*`,
    `audit.${site}.>`,
    `audit.${site}`,
    ...JETSTREAM,
    ...makes('DETECTIONS', 'AUDIT'),
    ...looksUp('AUDIT'),
    ...bucket('clameur_claims').publish,
  ],
  subscribe: [
    `audio.${site}.>`,
    `exercise.${site}.>`,
    `clameur.${site}.>`,
    '$SRV.>',
    OWN_INBOX,
    ...bucket('clameur_claims').subscribe,
  ],
});

const locator = (site: string): Rights => ({
  publish: [
    ...['events', 'reviews', 'audit', 'figures'].flatMap((word) => [`${word}.${site}`, `${word}.${site}.>`]),
    ...JETSTREAM,
    ...makes('EVENTS', 'DETECTIONS', 'VERDICTS', 'FIGURES', 'AUDIT'),
    ...reads('EVENTS', 'DETECTIONS', 'VERDICTS', 'FIGURES', 'AUDIT'),
    // What nobody confirmed is deleted one by one; a stream that keeps things too long its owner has to shorten.
    '$JS.API.STREAM.MSG.DELETE.EVENTS',
    ...bucket('clameur_weather').publish,
    ...bucket('clameur_claims').publish,
    '$JS.FC.>',
  ],
  subscribe: [
    `weather.${site}`,
    `verdicts.${site}`,
    `detections.${site}.>`,
    `listeners.${site}.*`,
    `clameur.${site}.>`,
    '$SRV.>',
    OWN_INBOX,
    ...bucket('clameur_weather').subscribe,
    ...bucket('clameur_claims').subscribe,
  ],
});

/** Both roles in one process. */
const service = (site: string): Rights => ({
  publish: [...listener(site).publish, ...locator(site).publish],
  subscribe: [...listener(site).subscribe, ...locator(site).subscribe],
});

/** It reads events, by a consumer of its own or as they come, and gives verdicts. It can end nobody's consumer. */
const hub = (site: string): Rights => ({
  publish: [
    `verdicts.${site}`,
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.INFO.EVENTS',
    ...['CREATE', 'DURABLE.CREATE', 'INFO', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.EVENTS.>`),
    '$JS.API.CONSUMER.CREATE.EVENTS',
    '$JS.ACK.EVENTS.>',
  ],
  subscribe: [`events.${site}.>`, INBOX],
});

/** Exercises, and what comes of them: never sound that passes for live. */
const technician = (site: string): Rights => ({
  publish: [`exercise.${site}.>`],
  subscribe: [`events.${site}.>`],
});

/** Every user that a site needs; poles have one each. */
export function siteRights(site: Site): UserRights[] {
  const user = (name: string, role: NatsRole, rights: Rights, responses = false): UserRights => ({
    user: name,
    role,
    publish: [...new Set(rights.publish)],
    subscribe: [...new Set(rights.subscribe)],
    responses,
  });
  return [
    ...site.poles
      .filter(({ recorded }) => recorded)
      .map(({ pole: name }) => user(`pole-${name}`, 'pole', pole(site.site, name))),
    user('weather', 'weather', { publish: [`weather.${site.site}`], subscribe: [] }),
    user('clameur', 'service', service(site.site), true),
    user('listener', 'listener', listener(site.site), true),
    user('locator', 'locator', locator(site.site), true),
    user('hub', 'hub', hub(site.site)),
    user('technician', 'technician', technician(site.site)),
  ];
}
