export type {
  ErrorEllipse,
  Incident,
  IncidentChange,
  IncidentStep,
  Method,
  PoleEvidence,
  Reason,
  Weather,
} from './incident.js';
