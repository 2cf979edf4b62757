import { expect, it } from 'vitest';
import { SiteLocator } from '../../src/locate/index.js';
import { blast, detection, grid, lastOf, siteOf, STILL } from './scenario.js';

it('only poles that heard the incident’s own class are told as having heard it', () => {
  const poles = grid(3, 200);
  const locator = new SiteLocator(siteOf(poles));
  locator.setWeather(STILL);
  const heard = blast(poles, { east: 30, north: 20 }, 1, { score: () => 0.95 });
  heard.forEach((one, i) =>
    locator.add(detection({ ...one, className: i % 3 === 0 ? 'explosion' : 'gunshot' })),
  );
  const [incident, ...others] = lastOf(locator.flush());
  expect(others).toEqual([]);
  expect(incident.class).toBe('gunshot');
  expect(incident.reasons.map(({ text }) => text)).toContain(
    '9 poles heard it, 6 of them as gunshot above 0.5.',
  );
});
