/**
 * Complex FFT in place, radix 2; `re` and `im` have the same power-of-two length. No scaling either way:
 * forward then inverse multiplies by the length.
 */
export function fft(re: Float64Array, im: Float64Array, inverse = false): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  const cos = new Float64Array(n >> 1);
  const sin = new Float64Array(n >> 1);
  for (let k = 0; k < n >> 1; k++) {
    const angle = ((inverse ? 2 : -2) * Math.PI * k) / n;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
  }
  for (let size = 2; size <= n; size <<= 1) {
    const half = size >> 1;
    const stride = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0, t = 0; k < half; k++, t += stride) {
        const a = start + k;
        const b = a + half;
        const xr = re[b] * cos[t] - im[b] * sin[t];
        const xi = re[b] * sin[t] + im[b] * cos[t];
        re[b] = re[a] - xr;
        im[b] = im[a] - xi;
        re[a] += xr;
        im[a] += xi;
      }
    }
  }
}

/** Linear convolution of two real signals; length a + b − 1. Both ride in one complex transform. */
export function convolve(a: Float32Array, b: Float32Array): Float32Array {
  const length = a.length + b.length - 1;
  let n = 2;
  while (n < length) n <<= 1;
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  re.set(a);
  im.set(b);
  fft(re, im);
  // With Z = A + iB: A·B = (Z_k² − conj(Z_{n−k})²) / 4i.
  const pr = new Float64Array(n);
  const pi = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const m = (n - k) & (n - 1);
    const sr = re[k] * re[k] - im[k] * im[k] - (re[m] * re[m] - im[m] * im[m]);
    const si = 2 * re[k] * im[k] + 2 * re[m] * im[m];
    pr[k] = si / 4;
    pi[k] = -sr / 4;
  }
  fft(pr, pi, true);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = pr[i] / n;
  return out;
}
