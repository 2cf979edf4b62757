import { readFile } from 'node:fs/promises';
import { parseSite, type ServiceConfig } from '../config/index.js';
import { checkStreamPoles, kindOf } from '../feeds/index.js';
import { fail, ok, type CheckReport } from './doctor-check.js';

/** Each stream has a pole of the site, and each SDP file can be read. Opens no connection: a camera may serve one only. */
export async function checkStreams({ site: file, streams }: ServiceConfig): Promise<CheckReport[]> {
  if (streams.length === 0) return [];
  try {
    checkStreamPoles(parseSite(JSON.parse(await readFile(file, 'utf8')), file), streams);
    for (const { url } of streams) if (kindOf(url) === 'sdp_file') await readFile(url);
    return [ok('streams of poles', `${streams.length}, each of a pole of the site`)];
  } catch (error) {
    return [fail('streams of poles', (error as Error).message, 'as it says')];
  }
}
