import { number } from '../format.js';
import { t, word } from '../texts.js';
import type { Statistics } from '../types.js';

const CLASSES = ['gunshot', 'explosion', 'crowd_clamour', 'unusual'] as const;

/** How many there were when, stacked by class. */
export function Timeline({ timeline: { bars, stepSeconds } }: { timeline: Statistics['timeline'] }) {
  const totals = bars.map(({ byClass }) => CLASSES.reduce((sum, name) => sum + (byClass[name] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const label = (time: string) =>
    stepSeconds < 86_400 ? time.slice(5, 16).replace('T', ' ') : time.slice(0, 10);
  return (
    <figure class="timeline">
      <figcaption>{t('timeline')}</figcaption>
      <svg
        viewBox={`0 0 ${bars.length * 10} 60`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t('timeline')}: ${bars
          .map(({ from }, i) => (totals[i] > 0 ? `${label(from)}: ${number(totals[i])}` : ''))
          .filter(Boolean)
          .slice(0, 40)
          .join(', ')}`}
      >
        {bars.map(({ from, byClass }, i) => {
          let top = 60;
          return CLASSES.map((name) => {
            const high = ((byClass[name] ?? 0) / most) * 58;
            top -= high;
            return high > 0 ? (
              <rect
                key={`${from} ${name}`}
                class={`fill ${name}`}
                x={i * 10 + 0.5}
                width={9}
                y={top}
                height={high}
              >
                <title>{`${label(from)} ${word(name)}: ${byClass[name]}`}</title>
              </rect>
            ) : null;
          });
        })}
      </svg>
      <div class="row between faint small">
        <span>{label(bars[0].from)}</span>
        <span>{t('atMost', number(most))}</span>
        <span>{label(bars.at(-1)!.from)}</span>
      </div>
    </figure>
  );
}
