export { Board, type BoardOptions, type ProcessLease } from './board.js';
export { ClaimBucket } from './bucket.js';
export { CLAIM_TRANSITIONS, nextClaimState, type ClaimEvent, type ClaimState } from './claim-state.js';
export { LEASE_SECONDS, LeaseBook, type LeaseEntry } from './lease-book.js';
export { HANDOVER_SECONDS, PoleShare, type ListeningProcess } from './pole-share.js';
export { ownerOf } from './rendezvous.js';
export { SiteClaim, type ClaimValue, type SiteClaimOptions } from './site-claim.js';
