import type { NatsConnection, Subscription } from 'nats';
import { parseWeather, type SceneWeather } from '../config/index.js';

const BUCKET = 'clameur_weather';

/**
 * A site's weather from the core subject `weather.<site>`. The last value is kept in the KV bucket `clameur_weather`,
 * so that a service that starts knows it at once. A message that is no weather is ignored.
 */
export class WeatherFeed {
  #subscription: Subscription | undefined;

  constructor(
    private readonly nc: NatsConnection,
    private readonly site: string,
    private readonly onWeather: (weather: SceneWeather) => void,
    private readonly replicas = 1,
  ) {}

  async start(): Promise<void> {
    const kv = await this.nc.jetstream().views.kv(BUCKET, {
      history: 1,
      replicas: this.replicas,
      allow_direct: false,
    });
    const kept = await kv.get(this.site);
    if (kept) this.#take(kept.value);
    this.#subscription = this.nc.subscribe(`weather.${this.site}`, {
      callback: (error, message) => {
        if (error || !this.#take(message.data)) return;
        kv.put(this.site, message.data).catch(() => undefined);
      },
    });
  }

  stop(): void {
    this.#subscription?.unsubscribe();
  }

  #take(bytes: Uint8Array): boolean {
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return false;
    }
    const weather = parseWeather(json);
    if (weather) this.onWeather(weather);
    return weather !== undefined;
  }
}
