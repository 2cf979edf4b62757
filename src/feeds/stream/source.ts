/** A pole's sound on the network, as the configuration gives it. */
export interface StreamSource {
  pole: string;
  /** rtsp(s)://, http(s)://, the path of an SDP file, or the text of an SDP itself. */
  url: string;
  /** Of RTSP only. */
  transport: 'tcp' | 'udp';
}

export type StreamKind = 'rtsp' | 'http' | 'sdp_file' | 'sdp_text';

/** What `url` is; undefined where it is nothing that a stream can be read from. */
export function kindOf(url: string): StreamKind | undefined {
  if (/^rtsps?:\/\//i.test(url)) return 'rtsp';
  if (/^https?:\/\//i.test(url)) return 'http';
  if (/^v=0\r?\n/.test(url)) return 'sdp_text';
  if (/^[^\n]*\.sdp$/.test(url)) return 'sdp_file';
  return undefined;
}

/**
 * Whether ffmpeg itself fetches it. RTP is fetched here and decoded by ffmpeg: the sender's reports tell when the sound was
 * captured, and ffmpeg tells nobody. Over TLS it has to do.
 */
export function isFetchedByFfmpeg(url: string): boolean {
  return kindOf(url) === 'http' || /^rtsps:/i.test(url);
}

/** The stream's name for logs: never its user, password or query, which may be a key. */
export function shownSource({ url }: Pick<StreamSource, 'url'>): string {
  const kind = kindOf(url);
  if (kind === 'sdp_text') return 'the SDP in the configuration';
  if (kind === 'sdp_file') return url;
  return url.replace(/^([a-z]+:\/\/)(?:[^/?#]*@)?([^?#]*).*$/is, '$1$2');
}

/**
 * Takes a stream's secrets out of what others say of it: the URL itself, its user and password wherever they stand, and
 * any further URL's.
 */
export function withoutStreamSecrets(text: string, { url }: Pick<StreamSource, 'url'>): string {
  let safe = text;
  if (kindOf(url) !== 'sdp_text') safe = safe.replaceAll(url, shownSource({ url }));
  for (const secret of secretsOf(url)) safe = safe.replaceAll(secret, '***');
  return safe.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi, '$1***@');
}

function secretsOf(url: string): string[] {
  const [, user, password] = /^[a-z]+:\/\/([^/?#@:]*)(?::([^/?#]*))?@/i.exec(url) ?? [];
  const query = /\?([^#]*)/.exec(url)?.[1];
  // A user called "a" would blank every a.
  const plain = [user, password, query].filter((one): one is string => one !== undefined && one.length > 2);
  return [...new Set(plain.flatMap((one) => [one, decoded(one)]))].sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
