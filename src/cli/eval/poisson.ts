const CONFIDENCE = 0.95;

/**
 * One-sided upper 95 % bound of a Poisson mean after `count` events: the mean at which so few or fewer come in 5 % of
 * all trials (Garwood 1936); 3.0 after none. By bisection, to 1e-9.
 */
export function poissonUpperBound(count: number): number {
  let low = count;
  let high = count + 10 + 5 * Math.sqrt(count + 1);
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(count, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

function chanceOfAtMost(count: number, mean: number): number {
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return sum;
}
