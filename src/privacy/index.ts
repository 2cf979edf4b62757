export { auditKeyFile, readAuditKey } from './audit-key.js';
export { AuditLog, readAuditHead, readAuditLines, type AuditLogOptions } from './audit-log.js';
export { KillSwitch, setKillSwitch, type SwitchState } from './kill-switch.js';
export { Silence, type SilenceReason } from './silence.js';
export { deleteUnconfirmed } from './unconfirmed.js';
export { publicKeyOf, type AuditKind } from './audit-record.js';
export { verifyAudit, type AuditFault, type AuditHead, type AuditVerdict } from './audit-verify.js';
