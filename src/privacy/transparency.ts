import type { ServiceConfig, Site } from '../config/index.js';
import type { Report } from '../review/index.js';
import { LAW_AS_OF, LAW_IN_WORDS } from './law.js';
import type { OperatorRecord } from './operator-record.js';

export interface TransparencyInput {
  version: string;
  config: ServiceConfig;
  site: Site;
  model: { name: string; version: string; sha256: string; card?: Readonly<Record<string, unknown>> };
  thresholds: Readonly<Record<string, { on: number; off: number; alone: number }>>;
  operator?: OperatorRecord;
  auditPublicKey?: string;
  /** Absent: NATS could not be asked. */
  figures?: Report;
}

export type TransparencyRecord = ReturnType<typeof transparencyRecord>;

/** What the public may know: what it is for, where, what it hears, how sure, how long kept, how well it does. No pole's place. */
export function transparencyRecord(input: TransparencyInput) {
  const { version, config, site, model, thresholds, operator, auditPublicKey, figures } = input;
  const { retention, listen } = config;
  return {
    system: 'Clameur',
    version,
    site: site.site,
    mode: config.mode,
    operator: operator ?? null,
    operatorRecord: operator ? `given by the operator, good until ${operator.until}` : 'MISSING',
    zones: (site.zones ?? []).map(({ name }) => name),
    muteZones: (site.muteZones ?? []).map(({ name }) => name),
    hours: site.hours ?? ('always' as const),
    poles: site.poles.filter(({ recorded }) => recorded).length,
    classes: ['gunshot', 'explosion', 'crowd_clamour', ...(listen.unusual ? ['unusual'] : [])],
    thresholds,
    thresholdsByPole: Object.keys(listen.poleThresholds ?? {}).length,
    model: { ...model, card: model.card ?? {} },
    sound: {
      keptInMemorySeconds: 4,
      stored: false,
      published: false,
      speechRecognised: false,
      cameras: 'none',
    },
    retention: {
      sound: '4 s in memory, then overwritten',
      eventsDays: retention.eventsDays,
      unconfirmedEventsDays: retention.unconfirmedDays,
      verdictsDays: retention.verdictsDays,
      figuresDays: retention.figuresDays,
      auditDays: retention.auditDays,
    },
    auditPublicKey: auditPublicKey ?? null,
    figures: figures ? publicFigures(figures) : null,
    law: { asOf: LAW_AS_OF, words: LAW_IN_WORDS },
  };
}

/** Without what tells where a pole stands or when one man shot. */
function publicFigures(report: Report) {
  const { from, to, completeSince, total, exposure, falseAlarmsPerPoleDay, classes, zones, latency } = report;
  return {
    from,
    to,
    ...(completeSince !== undefined && { completeSince }),
    total,
    exposure,
    ...(falseAlarmsPerPoleDay && { falseAlarmsPerPoleDay }),
    classes,
    zones,
    latency,
  };
}
