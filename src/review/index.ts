export { share, rate, type Estimate } from './interval.js';
export { escapeHtml, HTML_STYLE, htmlPage, htmlTable } from './html.js';
export { readReport } from './read-report.js';
export { composeReport, type Report } from './report.js';
export { reportCsv } from './report-csv.js';
export { percent, reportBody, reportHtml } from './report-html.js';
export { PrecisionBook, PRECISION_DAYS } from './precision-book.js';
export { Tally } from './tally.js';
export { TallyKeeper } from './tally-log.js';
export { zonesOf } from './zones.js';
export { Reviewer, type ReviewerOptions } from './reviewer.js';
export {
  recordedVerdictSchema,
  VERDICT_REASONS,
  VERDICTS,
  type RecordedVerdict,
  type Verdict,
  type VerdictRequest,
} from './verdict.js';
export { VerdictLog } from './verdict-log.js';
export { answerVerdicts, type VerdictAnswer } from './verdict-requests.js';
