import { number, percent } from '../format.js';
import { t, word } from '../texts.js';
import type { PoleStrips } from '../types.js';

const SECONDS = 180;
const EVENTS = ['gunshot', 'explosion', 'crowd_clamour'];
const MOST_STRIPS = 8;

type Thresholds = Record<string, { on: number; alone: number }>;

/** One row a class, one column a second, the darker the higher the score: alerts first, then what scored best. */
export function ScoreStrips({
  scores,
  thresholds,
}: {
  scores: PoleStrips['scores'];
  thresholds: Thresholds;
}) {
  const { classes, seconds } = scores;
  const highest = (index: number) => Math.max(...seconds.map(({ scores: values }) => values[index]));
  const others = classes
    .map((name, index) => ({ name, index }))
    .filter(({ name }) => !EVENTS.includes(name))
    .sort((a, b) => highest(b.index) - highest(a.index));
  const rows = [
    ...EVENTS.filter((name) => classes.includes(name)).map((name) => ({
      name,
      index: classes.indexOf(name),
    })),
    ...others,
  ].slice(0, MOST_STRIPS);
  const last = Date.parse(seconds.at(-1)!.at) / 1000;
  return (
    <div class="strips">
      {rows.map(({ name, index }) => (
        <div class="strip" key={name}>
          <span class="name">{word(name)}</span>
          <svg
            viewBox={`0 0 ${SECONDS} 10`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`${word(name)}: ${percent(highest(index))}`}
          >
            {seconds.map(({ at, scores: values }) => (
              <rect
                key={at}
                class={`cell ${name}`}
                x={SECONDS - 1 - (last - Date.parse(at) / 1000)}
                width={1.02}
                height={10}
                fill-opacity={values[index]}
              />
            ))}
          </svg>
          <span class="value">
            {percent(highest(index))}
            {thresholds[name] && <span class="faint"> / {percent(thresholds[name].on)}</span>}
          </span>
        </div>
      ))}
    </div>
  );
}

/** The last second's levels as bars, and the quietest and loudest of the last minute as marks. No history by frequency. */
export function Bands({ bands }: { bands: PoleStrips['thirdOctaves'] }) {
  const { bandsHz, seconds } = bands;
  const last = seconds.at(-1);
  if (!last) return <p class="faint">{t('loading')}</p>;
  const all = seconds.flatMap(({ levelsDb }) => levelsDb);
  const low = Math.floor(Math.min(...all) / 10) * 10;
  const high = Math.ceil(Math.max(...all) / 10) * 10 + 1;
  const y = (db: number) => 100 - ((db - low) / (high - low)) * 100;
  return (
    <svg
      class="bands"
      viewBox={`-16 -4 ${bandsHz.length * 10 + 20} 122`}
      role="img"
      aria-label={`${t('thirdOctaves')}: ${bandsHz.map((hz, i) => `${hz} Hz ${number(last.levelsDb[i])} dB`).join(', ')}`}
    >
      {[low, (low + high - 1) / 2, high - 1].map((db) => (
        <g key={db}>
          <line class="rule" x1={0} x2={bandsHz.length * 10} y1={y(db)} y2={y(db)} />
          <text x={-2} y={y(db) + 2} text-anchor="end">
            {number(db)}
          </text>
        </g>
      ))}
      {bandsHz.map((hz, i) => {
        const values = seconds.map(({ levelsDb }) => levelsDb[i]);
        return (
          <g key={hz}>
            <rect
              class="band"
              x={i * 10 + 1}
              width={8}
              y={y(last.levelsDb[i])}
              height={100 - y(last.levelsDb[i])}
            />
            <line
              class="extreme"
              x1={i * 10 + 1}
              x2={i * 10 + 9}
              y1={y(Math.max(...values))}
              y2={y(Math.max(...values))}
            />
            {i % 3 === 1 && (
              <text x={i * 10 + 5} y={110} text-anchor="middle">
                {hz >= 1000 ? `${hz / 1000}k` : hz}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
