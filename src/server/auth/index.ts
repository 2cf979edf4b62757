export { Authenticator } from './authenticator.js';
export { guard, principalOf, type Denial } from './guard.js';
export type { Principal, Role } from './roles.js';
export { ROLES } from './roles.js';
export { sessionRoutes } from './session-routes.js';
export { parseTokens, tokenDigest, type TokenEntry } from './token-file.js';
