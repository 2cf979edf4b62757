export { Reviewer, type ReviewerOptions } from './reviewer.js';
export {
  VERDICT_REASONS,
  VERDICTS,
  type RecordedVerdict,
  type Verdict,
  type VerdictRequest,
} from './verdict.js';
export { VerdictLog } from './verdict-log.js';
export { answerVerdicts, type VerdictAnswer } from './verdict-requests.js';
