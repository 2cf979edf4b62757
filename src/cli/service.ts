import { createRequire } from 'node:module';
import type { NatsConnection } from 'nats';
import { withoutSecrets, ClameurError, type ServiceConfig, type Site } from '../config/index.js';
import { NatsFeed, StreamFeed, WeatherFeed } from '../feeds/index.js';
import { loadModel, mergeThresholds, startClassifier, type Classifier, type Model } from '../listen/index.js';
import { connectNats, openIncidents, Publisher, readRecentEvents } from '../publish/index.js';
import {
  EventHistoryReader,
  IncidentIndex,
  startServer,
  type Denial,
  type Readiness,
  type RunningServer,
  type ServiceState,
} from '../server/index.js';
import { FloodLog, Metrics, type Logger } from '../telemetry/index.js';
import { Auditing } from './auditing.js';
import { startControl } from './control.js';
import { LivePoles } from './live-poles.js';
import { LiveSite, listenOptions } from './live-site.js';
import { readSite } from './read-site.js';
import { replayInProcess } from './replay-process.js';
import { Reviewing } from './reviewing.js';
import { utcNow } from './stage-clock.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Of the 10 s that SIGTERM gives, what the outbox may take. */
const FLUSH_SECONDS = 5;
const TICK_MILLIS = 50;
/** A fiftieth of the second that an event may take, for batches several times as large. */
const BATCH_WAIT_MILLIS = 20;

/** `serve` in one process: both roles, one NATS connection, one HTTP port. */
export class Service {
  readonly #config: ServiceConfig;
  readonly #log: Logger;
  readonly #site: Site;
  readonly #model: Model;
  readonly #metrics: Metrics;
  readonly #poles: LivePoles;
  readonly #sites: LiveSite[] = [];
  readonly #denials: FloodLog;
  readonly #index = new IncidentIndex();
  readonly #history: EventHistoryReader;
  #classifier!: Classifier;
  #publisher!: Publisher;
  #server!: RunningServer;
  #connection: NatsConnection | undefined;
  #feeds: { ready: boolean; reason?: string } = { ready: false, reason: 'NATS is not connected yet' };
  #reviewing!: Reviewing;
  #auditing!: Auditing;
  #streams: StreamFeed | undefined;
  #weather: WeatherFeed | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #stopping = false;

  private constructor(config: ServiceConfig, log: Logger, site: Site, model: Model) {
    this.#config = config;
    this.#log = log;
    this.#site = site;
    this.#model = model;
    this.#metrics = new Metrics(site.poles.filter(({ recorded }) => recorded).map(({ pole }) => pole));
    this.#metrics.service(version, site.site, 'all');
    this.#metrics.model(model.name, model.version, model.sha256);
    this.#history = new EventHistoryReader(this.#index, site.site);
    this.#poles = new LivePoles(site, this.#metrics, log);
    this.#denials = new FloodLog(log);
  }

  /** Resolves once HTTP answers; NATS may come later (not ready until then). Throws an error of the table. */
  static async start(config: ServiceConfig, log: Logger): Promise<Service> {
    const site = await readSite(config.site);
    const model = await loadModel(config.model.path);
    const service = new Service(config, log, site, model);
    service.#openStreams();
    await service.#open();
    void service.#connect();
    return service;
  }

  /** Before anything else runs: a stream that can never be read is a mistake in the configuration. */
  #openStreams(): void {
    const { streams } = this.#config;
    if (streams.length === 0) return;
    this.#streams = new StreamFeed({
      site: this.#site,
      sources: streams,
      counters: this.#poles,
      log: new FloodLog(this.#log),
    });
  }

  get url(): string {
    return this.#server.url;
  }

  async #open(): Promise<void> {
    this.#classifier = await startClassifier(this.#model, {
      workers: this.#config.model.workers,
      batchWaitMillis: BATCH_WAIT_MILLIS,
      onInference: (seconds) => this.#metrics.inference(seconds),
      onError: (err) => this.#log.error({ err }, 'the classifier failed'),
    });
    this.#publisher = await Publisher.open({
      dataFolder: this.#config.data,
      log: this.#log,
      counters: this.#metrics,
      maxMessages: this.#config.outbox.maxMessages,
      now: utcNow,
    });
    this.#auditing = await Auditing.start({
      config: this.#config,
      site: this.#site,
      model: this.#model,
      version,
      log: this.#log,
    });
    this.#reviewing = new Reviewing({
      site: this.#site,
      publisher: this.#publisher,
      metrics: this.#metrics,
      log: this.#log,
      onRecorded: (verdict) => this.#auditing.verdict(verdict),
      onExercise: (incidentId) => this.#auditing.exercise(incidentId),
    });
    this.#server = await startServer(this.#state, {
      ...this.#config.http,
      log: this.#log,
      onDenied: (denial) => this.#denied(denial),
    });
    this.#log.info(
      { url: this.#server.url, site: this.#site.site, poles: this.#site.poles.length },
      'started',
    );
  }

  #denied(denial: Denial): void {
    this.#metrics.httpDenied(denial.reason);
    this.#auditing.denied(denial);
    this.#denials.warn(denial.address, denial, `a request was not let in: ${denial.reason}`);
  }

  /** What HTTP and the NATS micro service show. */
  get #state(): ServiceState {
    return {
      version,
      site: this.#site,
      exercise: this.#config.exercise,
      model: () => this.#model,
      ready: () => this.#ready(),
      poles: () => this.#poles.status(),
      recent: () => this.#publisher.recent(),
      thresholds: () => mergeThresholds(this.#model.thresholds, listenOptions(this.#config).thresholds),
      history: { index: this.#index, life: (incidentId) => this.#history.life(incidentId) },
      strips: (pole) => this.#poles.strips(pole),
      replay: replayInProcess(this.#config),
      outbox: () => {
        const { state, depth, oldestAgeSeconds } = this.#publisher.outbox;
        return { state, messages: depth, oldestAgeSeconds };
      },
      verdict: async (input) => {
        const { reviewer } = this.#reviewing;
        if (!reviewer) throw new ClameurError('VERDICT_NOT_READY');
        return reviewer.record(input);
      },
      metrics: async () => {
        this.#ready();
        this.#reviewing.measure();
        this.#metrics.clocksApart(this.#sites.flatMap((live) => live.clocksApart));
        const { registry } = this.#metrics;
        return { contentType: registry.contentType, text: await registry.metrics() };
      },
    };
  }

  #ready(): Readiness {
    const connected = this.#connection !== undefined && this.#publisher.ready;
    const readiness: Readiness = {
      model: { ready: true },
      nats: connected
        ? { ready: true }
        : {
            ready: false,
            reason: `no NATS with JetStream at ${withoutSecrets(this.#config).nats.servers.join(', ')}; see clameur doctor`,
          },
      feeds: this.#feeds,
    };
    for (const [part, { ready }] of Object.entries(readiness))
      this.#metrics.ready(part, (ready as boolean) === true);
    return readiness;
  }

  async #connect(): Promise<void> {
    try {
      const nc = await connectNats(this.#config.nats);
      if (this.#stopping) return void (await nc.close());
      this.#connection = nc;
      this.#log.info({ server: nc.getServer() }, 'NATS connected');
      await this.#publisher.attach(nc);
      this.#auditing.attach(nc);
      await this.#listen(nc);
    } catch (err) {
      this.#feeds = { ready: false, reason: err instanceof ClameurError ? err.message : String(err) };
      this.#log.fatal({ err }, 'the service cannot listen');
    }
  }

  async #listen(nc: NatsConnection): Promise<void> {
    const recent = await readRecentEvents(nc, this.#site.site).catch((err: unknown) => {
      this.#log.warn(
        { err },
        'the last events could not be read; open incidents of an earlier run stay open',
      );
      return [];
    });
    this.#publisher.remember(recent);
    await this.#reviewing.attach(nc);
    for (const exercise of this.#config.exercise ? [false, true] : [false]) {
      const live = new LiveSite({
        site: this.#site,
        exercise,
        classifier: this.#classifier,
        model: this.#model,
        publisher: this.#publisher,
        metrics: this.#metrics,
        reviewing: this.#reviewing,
        poles: this.#poles,
        config: this.#config,
        log: this.#log,
      });
      live.restore(openIncidents(this.#publisher.recent().filter(({ data }) => data.exercise === exercise)));
      const frames = new NatsFeed({
        connection: nc,
        site: this.#site,
        prefix: exercise ? 'exercise' : 'audio',
        ...(!exercise && { elsewhere: this.#config.streams.map(({ pole }) => pole) }),
        counters: exercise ? this.#metrics : this.#poles,
        log: new FloodLog(this.#log),
      });
      await live.listen(...(this.#streams && !exercise ? [frames, this.#streams] : [frames]));
      this.#sites.push(live);
    }
    this.#weather = new WeatherFeed(nc, this.#site.site, (weather) => {
      for (const live of this.#sites) live.setWeather(weather);
    });
    await this.#weather.start();
    await startControl(nc, this.#state);
    await this.#history
      .start(nc)
      .catch((err: unknown) => this.#log.error({ err }, 'past incidents cannot be read from EVENTS'));
    this.#ticker = setInterval(() => this.#sites.forEach((live) => live.tick()), TICK_MILLIS);
    this.#feeds = { ready: true };
    this.#log.info('listening');
  }

  /** Takes no more sound in, closes what is open, sends what is left; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#ticker);
    this.#weather?.stop();
    this.#history.stop();
    for (const live of this.#sites) await live.stop();
    await this.#reviewing.stop();
    const left = await this.#publisher.flush(FLUSH_SECONDS);
    if (left > 0) this.#log.warn({ events: left }, 'events wait in the outbox for the next start');
    await this.#auditing.stop();
    await this.#publisher.close();
    await this.#classifier.close();
    await this.#connection?.close();
    await this.#server.close();
    this.#denials.close();
    this.#log.info('ended');
  }
}
