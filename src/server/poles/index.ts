export { PoleMeter, type PoleLevels, type PoleStrips } from './pole-meter.js';
export { ThirdOctaves, THIRD_OCTAVES_HZ } from './third-octaves.js';
