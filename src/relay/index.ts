export {
  decodeDetection,
  detectionSubject,
  encodeDetection,
  type ListenerDelays,
  type RelayedDetection,
} from './detection-message.js';
export { DetectionReceiver, type DetectionReceiverOptions } from './detection-receiver.js';
export { DetectionSender, type DetectionSenderOptions, type RelayCounters } from './detection-sender.js';
export {
  decodeReport,
  encodeReport,
  reportSubject,
  type HearingReport,
  type PoleReport,
} from './hearing-report.js';
export { ReportGate } from './report-gate.js';
export { ReportSender, type ReportSenderOptions } from './report-sender.js';
export { SameArrival } from './same-arrival.js';
