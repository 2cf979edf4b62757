/** The value below which `share` (0 to 1) of the values lie, by the nearest rank; undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export interface Spread {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Undefined without values. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const at = (share: number): number => round(percentile(values, share)!, 4);
  return { count: values.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** Least squares through (x, y): the line's values at the first and the last x. Two points at least. */
export function trendOf(points: ReadonlyArray<readonly [number, number]>): { first: number; last: number } {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / (spread || 1);
  const at = (x: number): number => meanY + slope * (x - meanX);
  return { first: at(points[0][0]), last: at(points[points.length - 1][0]) };
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
