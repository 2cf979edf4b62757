/** An answer of an RTSP server, or a request of its own (RFC 2326). */
export interface RtspMessage {
  /** Undefined: it is a request. */
  status?: number;
  reason: string;
  /** Names in lower case; what comes twice is a list. */
  headers: ReadonlyMap<string, readonly string[]>;
  body: string;
}

export const LARGEST_MESSAGE_BYTES = 256 * 1024;

/** The message that the bytes begin with, and how many of them it is; undefined: not all of it is there yet. */
export function readRtspMessage(bytes: Buffer): { message: RtspMessage; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first, ...lines] = bytes.toString('utf8', 0, headEnd).split('\r\n');
  // A map, for a server may call a header `constructor`.
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const told = Number(headers.get('content-length')?.[0] ?? 0);
  const bodyBytes = Number.isInteger(told) && told >= 0 && told <= LARGEST_MESSAGE_BYTES ? told : 0;
  const length = headEnd + 4 + bodyBytes;
  if (bytes.length < length) return undefined;
  const [, status, reason = ''] = /^RTSP\/\d\.\d (\d{3})\b\s*(.*)$/.exec(first) ?? [];
  const body = bytes.toString('utf8', headEnd + 4, length);
  return {
    message: { ...(status !== undefined && { status: Number(status) }), reason, headers, body },
    length,
  };
}
