import { useEffect, useRef } from 'preact/hooks';
import { t } from '../texts.js';
import type { Spectrogram } from '../types.js';

/** Dark blue over magenta to yellow: even steps to the eye, and to eyes that see no red. */
const COLOURS: readonly [number, number, number][] = [
  [10, 10, 35],
  [50, 18, 90],
  [120, 28, 109],
  [190, 55, 82],
  [237, 105, 37],
  [251, 180, 50],
  [252, 250, 190],
];

function colour(share: number): [number, number, number] {
  const at = Math.min(0.9999, Math.max(0, share)) * (COLOURS.length - 1);
  const [low, high] = [COLOURS[Math.floor(at)], COLOURS[Math.ceil(at)]];
  return [0, 1, 2].map((i) => low[i] + (high[i] - low[i]) * (at % 1)) as [number, number, number];
}

/** A recording's spectrogram, stretched over its box. Contrast follows what is in it: its quiet is dark. */
export function SpectrogramImage({ spectrogram, label }: { spectrogram: Spectrogram; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { columns, rows } = spectrogram;
    const cells = Uint8Array.from(atob(spectrogram.cells), (character) => character.charCodeAt(0));
    const context = canvas.current?.getContext('2d');
    if (!context || columns === 0) return;
    const sorted = cells.slice().sort();
    const low = sorted[Math.floor(sorted.length * 0.1)];
    const high = Math.max(low + 40, sorted[sorted.length - 1]);
    const image = context.createImageData(columns, rows);
    for (let x = 0; x < columns; x++)
      for (let row = 0; row < rows; row++) {
        const [r, g, b] = colour((cells[x * rows + row] - low) / (high - low));
        image.data.set([r, g, b, 255], ((rows - 1 - row) * columns + x) * 4);
      }
    context.putImageData(image, 0, 0);
  }, [spectrogram]);
  return (
    <canvas
      ref={canvas}
      class="spectrogram"
      width={Math.max(1, spectrogram.columns)}
      height={spectrogram.rows}
      role="img"
      aria-label={t('spectrogramOf', label)}
    />
  );
}
