import { offset, percent } from '../format.js';
import { t, word } from '../texts.js';
import type { ReplayReport, TrackReport } from '../types.js';
import { SpectrogramImage } from './spectrogram.js';

const EVENTS = ['gunshot', 'explosion', 'crowd_clamour', 'unusual'];
/** Others are drawn only where they scored so much. */
const NOTABLE_PERCENT = 30;
const MOST_LINES = 6;

/** One recording: its spectrogram with what was heard drawn on it, and the scores under it on the same axis of time. */
export function Track({ track, report }: { track: TrackReport; report: ReplayReport }) {
  const { spectrogram, detections, weakArrivals, fromSeconds } = track;
  const width = Math.max(0.1, spectrogram.columns * spectrogram.secondsPerColumn);
  const at = (seconds: number) => `${((seconds - fromSeconds) / width) * 100}%`;
  return (
    <figure class="track">
      <figcaption>
        <b>{track.pole}</b> <span class="faint">{track.file}</span>
      </figcaption>
      <div class="picture">
        <SpectrogramImage spectrogram={spectrogram} label={track.pole} />
        <Frequencies spectrogram={spectrogram} />
        {weakArrivals.map((seconds, i) => (
          <i
            key={`w${i}`}
            class="onset weak"
            style={{ left: at(seconds) }}
            title={`${t('weakOnset')} ${offset(seconds)}`}
          />
        ))}
        {detections.flatMap(({ id, arrivals, class: name }) =>
          arrivals.map((seconds, i) => (
            <i
              key={`${id} ${i}`}
              class={`onset ${name}`}
              style={{ left: at(seconds) }}
              title={`${word(name)}, ${t('onset')} ${offset(seconds)}`}
            />
          )),
        )}
        {detections.map((detection) => (
          <span
            key={detection.id}
            class={`span ${detection.class}`}
            style={{
              left: at(detection.fromSeconds),
              width: `${(Math.max(0.3, (detection.toSeconds ?? report.seconds) - detection.fromSeconds) / width) * 100}%`,
            }}
            title={`${word(detection.class)} ${percent(detection.score)}, ${t('snr').toLowerCase()} ${detection.snrDb} dB`}
          />
        ))}
      </div>
      <Scores track={track} width={width} report={report} />
    </figure>
  );
}

const MARKS_HZ = [100, 1000, 4000];

/** The scale of frequency is logarithmic. */
function Frequencies({ spectrogram: { minHz, maxHz } }: Pick<TrackReport, 'spectrogram'>) {
  const at = (hz: number) => `${(Math.log(hz / minHz) / Math.log(maxHz / minHz)) * 100}%`;
  return (
    <>
      {MARKS_HZ.map((hz) => (
        <span key={hz} class="frequency" aria-hidden="true" style={{ bottom: at(hz) }}>
          {hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`}
        </span>
      ))}
    </>
  );
}

/** What the marks on the pictures mean. */
export function TrackLegend() {
  return (
    <ul class="legend small">
      <li>
        <span class="key span-key" /> {t('detection')}
      </li>
      <li>
        <span class="key onset-key" /> {t('onset')}
      </li>
      <li>
        <span class="key weak-key" /> {t('weakOnset')}
      </li>
      <li>
        <span class="key threshold-key" /> {t('thresholdLine', word('gunshot').toLowerCase())}
      </li>
    </ul>
  );
}

function Scores({ track, width, report }: { track: TrackReport; width: number; report: ReplayReport }) {
  const { scores, fromSeconds } = track;
  const highest = scores.classes.map((_, i) => Math.max(0, ...scores.percent.map((values) => values[i])));
  const lines = scores.classes
    .map((name, i) => ({ name, i }))
    .filter(({ name, i }) => EVENTS.includes(name) || highest[i] >= NOTABLE_PERCENT)
    .sort((a, b) => highest[b.i] - highest[a.i])
    .slice(0, MOST_LINES);
  const others = lines.filter(({ name }) => !EVENTS.includes(name)).map(({ name }) => name);
  const kind = (name: string) => (EVENTS.includes(name) ? name : `runner dash${others.indexOf(name)}`);
  const ticks = Array.from({ length: 5 }, (_, i) => fromSeconds + (width * i) / 4);
  const gunshot = report.thresholds['gunshot'];
  return (
    <div class="scores">
      <svg
        viewBox="0 0 1000 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t('scoresOf', track.pole)}: ${lines.map(({ name, i }) => `${word(name)} ${highest[i]} %`).join(', ')}`}
      >
        {gunshot && (
          <line class="threshold" x1={0} x2={1000} y1={100 - gunshot.on * 100} y2={100 - gunshot.on * 100} />
        )}
        {lines.map(({ name, i }) => (
          <polyline
            key={name}
            class={`line ${kind(name)}`}
            // A patch of a second is drawn at its middle.
            points={scores.atSeconds
              .map(
                (seconds, k) =>
                  `${(((seconds - 0.5 - fromSeconds) / width) * 1000).toFixed(1)},${100 - scores.percent[k][i]}`,
              )
              .join(' ')}
          />
        ))}
      </svg>
      <div class="ticks faint small" aria-hidden="true">
        {ticks.map((seconds) => (
          <span key={seconds}>{offset(seconds)}</span>
        ))}
      </div>
      <ul class="legend small">
        {lines.map(({ name, i }) => (
          <li key={name}>
            <svg class="swatch-line" viewBox="0 0 22 6" aria-hidden="true">
              <path class={`line ${kind(name)}`} d="M0 3H22" />
            </svg>{' '}
            {word(name)} {highest[i]} %
          </li>
        ))}
      </ul>
    </div>
  );
}
