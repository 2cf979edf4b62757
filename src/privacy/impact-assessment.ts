import { percent, type Report } from '../review/index.js';
import type { TransparencyRecord } from './transparency.js';

const FILL_IN = '**[to be filled in by the controller]**';

/**
 * A template for the data protection impact assessment (GDPR article 35, directive 2016/680 article 27), Markdown, with
 * what the system knows of itself filled in. What it cannot know stays marked: an assessment is the controller's work.
 */
export function impactAssessment(record: TransparencyRecord, report: Report, madeMillis: number): string {
  const { operator, retention, model } = record;
  const given = (text: string | undefined): string => text ?? FILL_IN;
  const { total, exposure } = report;
  return `# Impact assessment: Clameur at ${record.site}

Draft of ${new Date(madeMillis).toISOString().slice(0, 10)}, made by \`clameur privacy dpia\` (version ${record.version}). Figures are measured on this site;
places marked ${FILL_IN} are the controller's. This draft is no assessment and no permission.

## 1. What is done

| | |
| --- | --- |
| controller | ${given(operator ? `${operator.controller.name}, ${operator.controller.contact}` : undefined)} |
| data protection officer | ${given(operator?.dataProtectionOfficer?.contact)} |
| purpose | ${given(operator?.purpose)} |
| legal basis, as stated | ${given(operator?.legalBasis)} |
| recipients | ${given(operator?.recipients.join('; '))} |
| zones | ${record.zones.join(', ') || FILL_IN} |
| not listened to | ${record.muteZones.join(', ') || 'no mute zone is set'} |
| hours | ${record.hours === 'always' ? 'always' : JSON.stringify(record.hours)} |
| poles | ${record.poles} |
| classes | ${record.classes.join(', ')} |
| model | ${model.name} ${model.version}, SHA-256 ${model.sha256} |

Microphones on poles hear the street, voices included. Each pole's sound lies in memory for at most 4 s and is scored for
the classes above. What leaves the process are messages about incidents: class, time, place with an error ellipse, scores,
scalars. No sound, no spectrogram, no series of features, no transcript. Cameras are not coupled.

| what | kept |
| --- | --- |
| sound | ${retention.sound} |
| events | ${retention.eventsDays} days; unconfirmed ones ${retention.unconfirmedEventsDays} days |
| detections, pole by pole | 10 minutes, in the memory of NATS |
| verdicts, with the operator's name and note where they were given | ${retention.verdictsDays} days |
| figures: seconds of sound by pole, numbers of alerts, by the hour | ${retention.figuresDays} days |
| audit log, with the network addresses of those refused | ${retention.auditDays} days |

## 2. Necessity and proportionality

Which harm, how often, and what else was tried: ${FILL_IN}

Measured from ${report.from} to ${report.to}${report.completeSince ? ` (complete only since ${report.completeSince})` : ''}:

| figure | value, 95 % interval |
| --- | --- |
| alerts | ${total.alerts}: ${total.confirmed} confirmed, ${total.dismissed} dismissed, ${total.unsure} unsure, ${total.unconfirmed} without a verdict |
| precision (confirmed of confirmed and dismissed) | ${percent(total.precision)} |
| confirmed of all alerts | ${percent(total.confirmedOfAll)} |
| false alarms a pole-day | ${report.falseAlarmsPerPoleDay ? `${report.falseAlarmsPerPoleDay.value.toPrecision(2)} (${report.falseAlarmsPerPoleDay.low.toPrecision(2)} to ${report.falseAlarmsPerPoleDay.high.toPrecision(2)})` : 'not known: no sound was counted'} |
| sound heard | ${exposure.poleDays.toFixed(1)} pole-days, ${(exposure.uptime * 100).toFixed(1)} % of the span |

| zone | alerts | dismissed | km² | alerts a km² and day |
| --- | --- | --- | --- | --- |
${
  report.zones
    .map(
      ({ key, alerts, dismissed, squareKilometers, alertsPerSquareKilometerDay: density }) =>
        `| ${key} | ${alerts} | ${dismissed} | ${squareKilometers?.toFixed(2) ?? ''} | ${density?.value.toPrecision(2) ?? ''} |`,
    )
    .join('\n') || '| (the site names no zones: give `zones`, or no skew can show) | | | | |'
}

Is one district listened to, or alerted on, more than another, and why: ${FILL_IN}

What is missed (shots that nobody was told of, from police and emergency records): ${FILL_IN}

## 3. Risks, and what is done about them

| risk | what the system does | how to check | what is left |
| --- | --- | --- | --- |
| speech is recorded or listened to | 4 s in memory, no switch to record, no code that writes sound | \`clameur privacy verify\` | ${FILL_IN} |
| use beyond the purpose | closed schema of messages, closed list of classes, no emotion, no voice | the event reference | ${FILL_IN} |
| people stopped on a false alert | reasons and an ellipse in each event, verdicts, measured precision | \`clameur report\` | ${FILL_IN} |
| one district alerted on more | figures by zone and square kilometre | \`clameur report\` | ${FILL_IN} |
| kept too long | the streams' ages, downwards only | \`nats stream info EVENTS\` | ${FILL_IN} |
| access by strangers | TLS, users by role, tokens | the pages on security | ${FILL_IN} |
| misuse from inside | hash-chained signed audit log | \`clameur audit verify\` | ${FILL_IN} |
| it runs where or when it must not | hours, mute zones, kill switch; fail closed | \`clameur privacy switch off\` | ${FILL_IN} |

## 4. The law

${record.law.words.map((text) => `- ${text}`).join('\n')}

(as of ${record.law.asOf}; no legal advice.) Analysis for this deployment: ${FILL_IN}

## 5. People's rights and views

How people are told: ${given(operator?.information)} How they object and complain: ${FILL_IN} Who was consulted: ${FILL_IN}

## 6. Opinion and decision

Opinion of the data protection officer: ${FILL_IN} Decision, by whom, and when it is looked at again: ${FILL_IN}
`;
}
