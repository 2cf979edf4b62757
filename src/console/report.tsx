import { render } from 'preact';
import { Choices } from './parts/choices.js';
import { ReportView } from './report/report-view.js';
import { SetView } from './report/set-view.js';
import { language } from './settings.js';
import { useStore } from './store.js';
import { t } from './texts.js';
import type { ReplayReport } from './types.js';
import './style.css';

const reports = JSON.parse(document.getElementById('reports')!.textContent) as ReplayReport[];

/** The report as a file of its own: the same views as in the console, and no service behind them. */
function ReportPage() {
  useStore(language);
  return (
    <>
      <header class="bar">
        <span class="brand">
          <span class="logo" aria-hidden="true" /> Clameur
        </span>
        <h1 class="bar-title">{t('report')}</h1>
        <Choices />
      </header>
      <main id="main">
        {reports.length === 1 ? <ReportView report={reports[0]} /> : <SetView reports={reports} />}
      </main>
    </>
  );
}

render(<ReportPage />, document.getElementById('app')!);
