import type { ServiceConfig } from '../config/index.js';
import { AuditLog } from '../privacy/index.js';
import { silentLogger } from '../telemetry/index.js';
import { once } from './nats-once.js';
import { readSite } from './read-site.js';

const FLUSH_MILLIS = 5_000;

/** Notes in the audit log that somebody took something out; says so on standard error where that is not possible. */
export async function noteExport(config: ServiceConfig, details: Record<string, unknown>): Promise<void> {
  try {
    const { site } = await readSite(config.site);
    const audit = await AuditLog.open({
      site,
      dataFolder: config.data,
      log: silentLogger(),
      makeKey: false,
      ...(config.audit.key !== undefined && { keyFile: config.audit.key }),
    });
    await once(config.nats, async (nc) => {
      audit.attach(nc);
      await audit.note('export', details);
      if ((await audit.flush(FLUSH_MILLIS)) > 0) throw new Error('JetStream did not take it');
    });
    audit.close();
  } catch (error) {
    process.stderr.write(`clameur: this export is not in the audit log: ${(error as Error).message}\n`);
  }
}
