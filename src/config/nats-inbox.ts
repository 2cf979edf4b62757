/**
 * Where answers come to the service. Not `_INBOX`, where a hub's client has its own: who may listen to that would read
 * what the service reads, audit log and verdicts included.
 */
export const SERVICE_INBOX = '_INBOX_clameur';
