export { Board, type BoardOptions, type OtherProcess, type ProcessLease } from './board.js';
export { ClaimBucket } from './bucket.js';
export { CLAIM_TRANSITIONS, nextClaimState, type ClaimEvent, type ClaimState } from './claim-state.js';
export { LEASE_SECONDS, LeaseBook, SUSPECT_SECONDS, type LeaseEntry } from './lease-book.js';
export { HANDOVER_SECONDS, PoleShare, type ListeningProcess, type Share } from './pole-share.js';
export { ranked } from './rendezvous.js';
export { SiteClaim, type ClaimValue, type SiteClaimOptions } from './site-claim.js';
