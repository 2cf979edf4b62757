/** Plain DOM calls, text only (never markup from data); asks `/api/v1/status` once a second while it is looked at. */
export const PAGE_SCRIPT = `'use strict';
const byId = (id) => document.getElementById(id);
const put = (id, text) => { const at = byId(id); if (at.textContent !== text) at.textContent = text; };

function cell(content, kind) {
  const td = document.createElement('td');
  td.textContent = content === undefined ? '' : content;
  if (kind) td.className = kind;
  return td;
}
function row(heading, cells) {
  const tr = document.createElement('tr');
  const th = document.createElement('th');
  th.scope = 'row';
  th.textContent = heading;
  tr.append(th, ...cells);
  return tr;
}
const seconds = (value, digits) => value === undefined ? 'unknown' : value.toFixed(digits) + ' s';
const place = (c) => c ? c[1].toFixed(5) + ', ' + c[0].toFixed(5) : 'unknown';
const words = (text) => text.replaceAll('_', ' ');

function incidentRow({ data }) {
  const where = data.location
    ? place(data.location.coordinates) + ' ± ' + Math.round(data.accuracy.semiMajorMeters) + ' m'
    : 'no point';
  const shots = data.shots ? data.shots.count + (data.shots.automatic ? ', automatic' : '') : '';
  const latency = data.latencySeconds ? seconds(data.latencySeconds.total, 2) : '';
  return row(data.onset.slice(0, 10) + ' ' + data.onset.slice(11, 23), [
    cell(words(data.class) + (data.exercise ? ' (exercise)' : '')),
    cell(Math.round(data.confidence * 100) + ' %'),
    cell(where), cell(words(data.method)),
    cell(data.polesHeard + ' of ' + (data.polesHeard + data.polesSilent)),
    cell(shots), cell(data.review ? data.review.state : data.state), cell(latency),
  ]);
}
const feedKind = { live: 'good', waiting: 'warn', stalled: 'warn', failed: 'bad' };
function poleRow(pole) {
  const state = pole.recorded ? pole.state + (pole.reason ? ': ' + pole.reason : '') : 'no feed here';
  const clock = pole.clockUncertaintySeconds;
  return row(pole.pole, [
    cell(state, pole.recorded ? feedKind[pole.state] : ''),
    cell(pole.lastFrameAgeSeconds === undefined ? 'never' : seconds(pole.lastFrameAgeSeconds, 1) + ' ago'),
    cell(clock === undefined ? 'unknown' : (clock * 1000).toPrecision(2) + ' ms'),
    cell(place(pole.position)),
  ]);
}
function serviceRows(status) {
  const { model, outbox } = status;
  const pairs = [
    ['Version', status.version + (status.exercise ? ', listens to exercises too' : '')],
    ['Model', model ? model.name + ' ' + model.version + ' (' + model.sha256.slice(0, 12) + ')' : 'not loaded'],
    ['Outbox', outbox.messages === 0 ? 'empty' : outbox.messages + ' events wait, the oldest ' + seconds(outbox.oldestAgeSeconds, 0)],
  ];
  return pairs.flatMap(([term, text]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = term;
    dd.textContent = text;
    return [dt, dd];
  });
}
function show(status) {
  document.title = 'Clameur ' + status.site;
  put('site', status.site);
  const missing = Object.entries(status.ready).filter(([, part]) => !part.ready);
  const ready = byId('ready');
  ready.className = missing.length === 0 ? 'good' : 'warn';
  put('ready', missing.length === 0 ? 'Ready'
    : 'Not ready: ' + missing.map(([name, { reason }]) => name + (reason ? ' (' + reason + ')' : '')).join(', '));
  byId('incidents').replaceChildren(...status.incidents.map(incidentRow));
  byId('none').hidden = status.incidents.length > 0;
  byId('poles').replaceChildren(...status.poles.map(poleRow));
  byId('service').replaceChildren(...serviceRows(status));
}
async function refresh() {
  try {
    const answer = await fetch('/api/v1/status', { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error('answer ' + answer.status);
    show(await answer.json());
  } catch (error) {
    byId('ready').className = 'bad';
    put('ready', 'The service does not answer: ' + error.message);
  }
  setTimeout(refresh, document.hidden ? 10000 : 1000);
}
refresh();
`;
