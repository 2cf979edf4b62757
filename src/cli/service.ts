import { createRequire } from 'node:module';
import type { NatsConnection } from 'nats';
import type { ProcessLease } from '../claims/index.js';
import {
  withoutSecrets,
  ClameurError,
  type SceneWeather,
  type ServiceConfig,
  type Site,
} from '../config/index.js';
import { NatsFeed, StreamFeed, WeatherFeed } from '../feeds/index.js';
import { loadModel, mergeThresholds, type Model } from '../listen/index.js';
import type { DetectionReceiver } from '../relay/index.js';
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
import { makeDetections, receiveDetections } from './detections.js';
import { ListenSide } from './listen-side.js';
import { LivePoles } from './live-poles.js';
import { LiveSite, listenOptions } from './live-site.js';
import { LocateSide } from './locate-side.js';
import { Membership, processName, type Role } from './membership.js';
import { NatsLink } from './nats-link.js';
import { demandOperatorRecord } from '../privacy/index.js';
import { readSite } from './read-site.js';
import { replayInProcess } from './replay-process.js';
import { Silencing } from './silencing.js';
import { Transparency } from './transparency.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Of the 10 s that SIGTERM gives, what the outbox may take. */
const FLUSH_SECONDS = 4;
const TICK_MILLIS = 50;

/** `serve`: one role or both, one NATS connection, one HTTP port. */
export class Service {
  readonly #config: ServiceConfig;
  readonly #log: Logger;
  readonly #site: Site;
  readonly #model: Model;
  readonly #role: Role;
  readonly #name: string;
  readonly #metrics: Metrics;
  readonly #link: NatsLink;
  readonly #poles: LivePoles;
  readonly #sites: LiveSite[] = [];
  readonly #denials: FloodLog;
  readonly #index = new IncidentIndex();
  readonly #history: EventHistoryReader;
  #listens: ListenSide | undefined;
  #locates: LocateSide | undefined;
  #membership: Membership | undefined;
  #receiver: DetectionReceiver | undefined;
  #server!: RunningServer;
  #auditing!: Auditing;
  #silencing!: Silencing;
  #transparency!: Transparency;
  #detectionsKnown = false;
  #streams: StreamFeed | undefined;
  #feeds: { ready: boolean; reason?: string } = { ready: false, reason: 'NATS is not connected yet' };
  #weather: WeatherFeed | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #stopping = false;

  private constructor(config: ServiceConfig, log: Logger, site: Site, model: Model, role: Role) {
    this.#config = config;
    this.#log = log;
    this.#site = site;
    this.#model = model;
    this.#role = role;
    this.#name = processName(role);
    this.#link = new NatsLink(config.nats, log);
    this.#metrics = new Metrics(site.poles.filter(({ recorded }) => recorded).map(({ pole }) => pole));
    this.#metrics.service(version, site.site, role === 'both' ? 'all' : role);
    this.#metrics.model(model.name, model.version, model.sha256);
    this.#history = new EventHistoryReader(this.#index, site.site, log);
    this.#poles = new LivePoles(site, this.#metrics, log);
    this.#denials = new FloodLog(log);
  }

  /** Resolves once HTTP answers; NATS may come later (not ready until then). Throws an error of the table. */
  static async start(config: ServiceConfig, log: Logger, role: Role = 'both'): Promise<Service> {
    const site = await readSite(config.site);
    const model = await loadModel(config.model.path);
    checkPoles(config, site);
    const service = new Service(config, log, site, model, role);
    service.#openStreams();
    await service.#open();
    void service.#connect();
    return service;
  }

  /** Before anything else runs: a stream that can never be read is a mistake in the configuration. */
  #openStreams(): void {
    const { streams } = this.#config;
    if (streams.length === 0 || this.#role === 'locate') return;
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
    const [config, model, metrics, log] = [this.#config, this.#model, this.#metrics, this.#log];
    // Before anything listens: production without a record is no start.
    const operator = await demandOperatorRecord(config.mode, config.transparency, Date.now());
    if (this.#role !== 'locate') this.#listens = await ListenSide.open(config, model, metrics, log);
    const site = this.#site;
    if (this.#role !== 'listen')
      this.#locates = await LocateSide.open({
        config,
        model,
        metrics,
        log,
        site,
        auditing: () => this.#auditing,
        silence: () => this.#silencing.silence,
        lastEvent: (incidentId) => this.#history.last(incidentId),
        maySend: () => this.#membership?.maySend ?? true,
      });
    // After the outbox: only who has its lock may write beside it.
    this.#auditing = await Auditing.start({ config, site, model, version, log });
    this.#transparency = new Transparency(
      {
        version,
        config,
        site,
        model,
        auditPublicKey: this.#auditing.publicKey,
        ...(operator && { operator }),
      },
      () => this.#link.connection,
    );
    this.#silencing = await Silencing.start({
      config,
      site,
      auditing: this.#auditing,
      metrics,
      log,
      ...(this.#locates && { publisher: this.#locates.publisher }),
    });
    this.#server = await startServer(this.#state, {
      ...config.http,
      log,
      onDenied: (denial) => this.#denied(denial),
    });
    log.info(
      { url: this.#server.url, site: this.#site.site, poles: this.#site.poles.length, process: this.#name },
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
      ...(this.#config.http.tiles && { tiles: this.#config.http.tiles }),
      model: () => this.#model,
      ready: () => this.#ready(),
      poles: () => this.#poles.status(),
      recent: () => this.#locates?.publisher.recent() ?? [],
      thresholds: () => mergeThresholds(this.#model.thresholds, listenOptions(this.#config).thresholds),
      history: { index: this.#index, life: (incidentId) => this.#history.life(incidentId) },
      strips: (pole) => this.#poles.strips(pole),
      replay: replayInProcess(this.#config),
      outbox: () =>
        this.#locates?.publisher.outbox.status() ?? { state: 'none', messages: 0, oldestAgeSeconds: 0 },
      verdict: async (input) => {
        if (!this.#locates?.reviewer) throw new ClameurError('VERDICT_NOT_READY');
        return this.#locates.reviewer.record(input);
      },
      transparency: () => this.#transparency.record(),
      metrics: async () => {
        this.#ready();
        this.#locates?.measure();
        this.#silencing.tick();
        this.#metrics.clocksApart(this.#sites.flatMap((live) => live.clocksApart));
        return { contentType: this.#metrics.registry.contentType, text: await this.#metrics.text() };
      },
    };
  }

  #ready(): Readiness {
    const streams = this.#locates ? this.#locates.publisher.ready : this.#detectionsKnown;
    const { trouble } = this.#link;
    const connected = this.#link.isUp && streams;
    const servers = withoutSecrets(this.#config).nats.servers.join(', ');
    const shut =
      this.#membership?.failing && trouble === undefined
        ? `the bucket clameur_claims cannot be read or written at ${servers}: give this user the rights of charts/nats-accounts.conf`
        : `no NATS with JetStream at ${servers}${trouble === undefined ? '' : ` (${trouble})`}; see clameur doctor`;
    const readiness: Readiness = {
      model: { ready: true },
      nats: connected && !this.#membership?.failing ? { ready: true } : { ready: false, reason: shut },
      feeds: this.#shortOfTime(),
    };
    for (const [part, { ready }] of Object.entries(readiness))
      this.#metrics.ready(part, (ready as boolean) === true);
    return readiness;
  }

  /** Ready all the same, with the reason told: an instance taken out of service would leave more to the others. */
  #shortOfTime(): { ready: boolean; reason?: string } {
    const state = this.#listens?.overload.state ?? 'normal';
    if (!this.#feeds.ready || state === 'normal') return this.#feeds;
    return { ready: true, reason: `short of processor time (${state}): see clameur_sound_shed_total` };
  }

  async #connect(): Promise<void> {
    try {
      const nc = await this.#link.open(() => !this.#stopping);
      if (!nc) return;
      this.#auditing.attach(nc);
      if (this.#locates) {
        await this.#locates.connect(nc);
        this.#silencing.attach(nc);
        this.#history.start(nc);
      } else await this.#makeDetections(nc);
      await this.#run(nc);
    } catch (err) {
      this.#feeds = { ready: false, reason: err instanceof ClameurError ? err.message : String(err) };
      this.#log.fatal({ err }, 'the service cannot listen');
    }
  }

  async #makeDetections(nc: NatsConnection): Promise<void> {
    const { replicas } = this.#config.nats;
    await makeDetections(nc, { log: this.#log, counters: this.#metrics, replicas });
    this.#detectionsKnown = true;
  }

  async #run(nc: NatsConnection): Promise<void> {
    for (const exercise of this.#config.exercise ? [false, true] : [false])
      this.#sites.push(this.#makeSite(nc, exercise));
    if (this.#locates) {
      const { receiver, caughtUp } = receiveDetections({
        connection: nc,
        site: this.#site.site,
        self: this.#name,
        locates: this.#locates,
        sites: this.#sites,
        log: this.#log,
      });
      this.#receiver = receiver;
      await caughtUp;
    }
    this.#membership = this.#join(nc);
    this.#ticker = setInterval(() => {
      this.#silencing.tick();
      this.#sites.forEach((live) => live.tick());
    }, TICK_MILLIS);
    await this.#membership.start();
    await this.#locates?.settled();
    if (this.#locates) {
      const onWeather = (weather: SceneWeather): void =>
        this.#sites.forEach((live) => live.setWeather(weather));
      this.#weather = new WeatherFeed(nc, this.#site.site, onWeather, this.#config.nats.replicas);
      await this.#weather.start();
      await startControl(nc, this.#state);
    }
    this.#feeds = { ready: true };
    this.#log.info('listening');
  }

  #makeSite(nc: NatsConnection, exercise: boolean): LiveSite {
    const { site } = this.#site;
    const live = new LiveSite({
      site: this.#site,
      exercise,
      model: this.#model,
      metrics: this.#metrics,
      silence: this.#silencing.silence,
      poles: this.#poles,
      config: this.#config,
      self: this.#name,
      ...(this.#listens && { listen: this.#listens.connect(nc, site, this.#name, exercise) }),
      onSound: (pole, seconds) => this.#locates?.sound(pole, seconds),
      ...(this.#locates && {
        onStep: (step, latencySeconds) => this.#locates?.step(exercise, step, latencySeconds),
      }),
    });
    const frames = new NatsFeed({
      connection: nc,
      site: this.#site,
      prefix: exercise ? 'exercise' : 'audio',
      ...(!exercise && { elsewhere: this.#config.streams.map(({ pole }) => pole) }),
      counters: exercise ? this.#metrics : this.#poles,
      log: new FloodLog(this.#log),
    });
    live.setFeeds(...(this.#streams && !exercise ? [frames, this.#streams] : [frames]));
    return live;
  }

  #join(nc: NatsConnection): Membership {
    return new Membership({
      replicas: this.#config.nats.replicas,
      connection: nc,
      site: this.#site,
      role: this.#role,
      process: this.#name,
      ...(this.#locates && { outbox: this.#locates.outbox }),
      onPoles: async (poles, share) => {
        for (const live of this.#sites) await live.hear(poles, share);
      },
      onOthers: (others) => this.#tellOthers(others),
      onClaim: (state, before, handedOver) => this.#locates?.claim(state, before, handedOver, this.#sites),
      mayClaim: () => !this.#stopping,
      metrics: this.#metrics,
      log: this.#log,
    });
  }

  /** A listener always tells: its locator may be about to start. One that locates too tells only where there are others. */
  #tellOthers(others: readonly ProcessLease[]): void {
    if (this.#listens) this.#listens.relaying = this.#role === 'listen' || others.length > 0;
  }

  /** Takes no more sound in, hands over or closes what is open, sends what is left; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#membership?.leave();
    for (const live of this.#sites) await live.stopListening();
    await this.#listens?.flush();
    const standby = this.#membership?.others.some(({ role, leaving }) => role !== 'listen' && !leaving);
    if (!standby) for (const live of this.#sites) live.finish();
    clearInterval(this.#ticker);
    this.#silencing.stop();
    this.#membership?.release();
    this.#weather?.stop();
    this.#history.stop();
    this.#receiver?.stop();
    await this.#locates?.stop();
    const left = (await this.#locates?.publisher.flush(FLUSH_SECONDS)) ?? 0;
    if (left > 0) this.#log.warn({ events: left }, 'events wait in the outbox for the next start');
    await this.#membership?.stop();
    await this.#auditing.stop();
    await this.#locates?.publisher.close();
    await this.#listens?.close();
    await this.#link.close();
    await this.#server.close();
    this.#denials.close();
    this.#log.info('ended');
  }
}

/** A threshold for a pole that is not there is a slip of the pen. Throws CONFIG_INVALID. */
function checkPoles({ listen, site: file }: ServiceConfig, { poles }: Site): void {
  for (const name of Object.keys(listen.poleThresholds ?? {})) {
    if (poles.some(({ pole }) => pole === name)) continue;
    const problem = `listen.poleThresholds names the pole "${name}", which is not in ${file}`;
    throw new ClameurError('CONFIG_INVALID', { file: 'of the service', problem });
  }
}
