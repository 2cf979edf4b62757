import { useEffect, useState } from 'preact/hooks';
import { api, may, session, signingIn } from '../api.js';
import { doubt, number, percent, seconds } from '../format.js';
import { Poles } from '../map/layers.js';
import { SiteMap } from '../map/site-map.js';
import { Bands, ScoreStrips } from '../parts/strips.js';
import { live } from '../live.js';
import { said } from '../said/said.js';
import { SaidText } from '../said/said-text.js';
import { useLoaded, useStore } from '../store.js';
import { t, word } from '../texts.js';
import type { PoleStatus, PoleStrips } from '../types.js';
import type { About } from './about.js';
import { Legend, mapPole } from './live.js';

const ROWS = 100;
const ORDER = { failed: 0, stalled: 1, waiting: 2, live: 3 };
/** Strips change by the second; half as often is smooth enough, and spares a rate limit. */
const ASK_MILLIS = 2000;

export function PolesView({ chosen, go }: { chosen: string | undefined; go: (path: string) => void }) {
  const { poles } = useStore(live);
  const [search, setSearch] = useState('');
  const [state, setState] = useState('');
  const [most, setMost] = useState(ROWS);
  const found = poles
    .filter((pole) => pole.pole.toLowerCase().includes(search.toLowerCase()))
    .filter((pole) => state === '' || (pole.recorded && pole.state === state))
    .sort((a, b) => ORDER[a.state] - ORDER[b.state] || (a.pole < b.pole ? -1 : 1));
  const selected = poles.find(({ pole }) => pole === chosen);
  const select = (pole: string) => go(`#/poles/${pole}`);
  return (
    <div class="split">
      <div class="main-column">
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            {t('searchPole')}
            <input type="search" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
          </label>
          <label>
            {t('state')}
            <select value={state} onChange={(event) => setState(event.currentTarget.value)}>
              <option value="">{t('all')}</option>
              {Object.keys(ORDER).map((name) => (
                <option key={name} value={name}>
                  {word(name === 'live' ? 'live_state' : name)}
                </option>
              ))}
            </select>
          </label>
          <Legend poles={poles} />
        </form>
        <div class="scroll panel flush" role="region" aria-label={t('poles')} tabIndex={0}>
          <table class="poles">
            <thead>
              <tr>
                <th scope="col">{t('pole')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('meter')}</th>
                <th scope="col">{t('noiseFloor')}</th>
                <th scope="col">{t('lastFrame')}</th>
                <th scope="col">{t('clockDoubt')}</th>
                <th scope="col">{t('drops')}</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, most).map((pole) => (
                <Row key={pole.pole} pole={pole} chosen={pole.pole === chosen} onSelect={select} />
              ))}
            </tbody>
          </table>
        </div>
        {found.length > most && (
          <button type="button" onClick={() => setMost(most + ROWS)}>
            {t('morePoles', Math.min(ROWS, found.length - most))}
          </button>
        )}
        <SiteMap places={poles.map((pole) => mapPole(pole).position)} label={t('map')} height="16rem">
          {(drawing) => (
            <Poles drawing={drawing} poles={poles.map(mapPole)} selected={chosen} onSelect={select} />
          )}
        </SiteMap>
      </div>
      <section class="side" aria-label={selected?.pole ?? t('pole')}>
        {selected ? <Details key={selected.pole} pole={selected} /> : <p class="quiet">{t('choosePole')}</p>}
      </section>
    </div>
  );
}

function Row({
  pole,
  chosen,
  onSelect,
}: {
  pole: PoleStatus;
  chosen: boolean;
  onSelect: (pole: string) => void;
}) {
  const share = pole.framesDropped / Math.max(1, pole.frames + pole.framesDropped);
  return (
    <tr class={chosen ? 'chosen' : ''} onClick={() => onSelect(pole.pole)}>
      <th scope="row">
        <button type="button" class="link" onClick={() => onSelect(pole.pole)}>
          {pole.pole}
        </button>
      </th>
      <td title={pole.reason && said(pole.reason).text}>
        <i class={`dot ${pole.recorded ? pole.state : 'unrecorded'}`} /> {stateText(pole)}
      </td>
      <td>
        <Meter levelDb={pole.levelDb} floorDb={pole.noiseFloorDb} />
      </td>
      <td>{pole.noiseFloorDb === undefined ? '' : `${number(pole.noiseFloorDb)} dB`}</td>
      <td>
        {pole.lastFrameAgeSeconds === undefined ? t('never') : t('ago', seconds(pole.lastFrameAgeSeconds, 1))}
      </td>
      <td>{doubt(pole.clockUncertaintySeconds)}</td>
      <td class={pole.framesDropped > 0 ? 'warn' : ''}>
        {pole.framesDropped === 0 ? '0' : `${number(pole.framesDropped)} (${percent(share)})`}
      </td>
    </tr>
  );
}

function stateText(pole: PoleStatus): string {
  if (!pole.recorded) return t('noFeed');
  return word(pole.state === 'live' ? 'live_state' : pole.state);
}

/** Calibrated levels lie about 20 to 120 dB SPL, others about −100 to 0 dBFS. */
export function Meter({ levelDb, floorDb }: { levelDb: number | undefined; floorDb: number | undefined }) {
  if (levelDb === undefined) return <span class="meter empty" />;
  const base = levelDb < 0 || (floorDb ?? 1) < 0 ? -100 : 20;
  const at = (db: number) => `${Math.min(100, Math.max(0, db - base))}%`;
  return (
    <span class="meter">
      <span class="track">
        <span class="level" style={{ width: at(levelDb) }} />
        {floorDb !== undefined && <span class="floor" style={{ left: at(floorDb) }} />}
      </span>
      {number(levelDb)} dB
    </span>
  );
}

function Details({ pole }: { pole: PoleStatus }) {
  useStore(session);
  const trouble = Object.entries(pole.trouble ?? {});
  return (
    <>
      <h2>
        <i class={`dot ${pole.recorded ? pole.state : 'unrecorded'}`} /> {pole.pole}
      </h2>
      <p>
        {stateText(pole)}
        {pole.reason && (
          <span class="faint">
            : <SaidText text={pole.reason} />
          </span>
        )}
      </p>
      <h3>{t('trouble')}</h3>
      {trouble.length === 0 ? (
        <p class="faint">{t('noTrouble')}</p>
      ) : (
        <ul class="plain">
          {trouble.map(([kind, count]) => (
            <li key={kind}>
              <SaidText text={kind} /> × {number(count)}
            </li>
          ))}
        </ul>
      )}
      {may('technician') ? (
        <Strips pole={pole.pole} />
      ) : (
        <p class="faint">
          {t('needsRole', t('technician'))}{' '}
          <button type="button" class="link" onClick={() => signingIn.set(true)}>
            {t('signIn')}
          </button>
        </p>
      )}
    </>
  );
}

function Strips({ pole }: { pole: string }) {
  const { value: about } = useLoaded('about', () => api<About>('/about'));
  const [strips, setStrips] = useState<PoleStrips | undefined>();
  useEffect(() => {
    let wanted = true;
    const ask = () => {
      if (document.hidden) return;
      api<PoleStrips>(`/poles/${pole}/levels`).then(
        (value) => wanted && setStrips(value),
        () => undefined,
      );
    };
    ask();
    const timer = setInterval(ask, ASK_MILLIS);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [pole]);
  return (
    <>
      <h3>{t('scoresStrip')}</h3>
      {strips && strips.scores.seconds.length > 0 ? (
        <>
          <ScoreStrips scores={strips.scores} thresholds={about?.model?.thresholds ?? {}} />
          <p class="faint small">{t('stripHelp')}</p>
        </>
      ) : (
        <p class="faint">{t('heardNothingYet')}</p>
      )}
      <h3>{t('thirdOctaves')}</h3>
      {strips && <Bands bands={strips.thirdOctaves} />}
      <p class="faint small">{t('neverSound')}</p>
    </>
  );
}
