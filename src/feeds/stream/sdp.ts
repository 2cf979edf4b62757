/** The audio of an SDP (RFC 8866), as far as it takes to receive it. */
export interface AudioMedia {
  /** Where its RTP comes; 0 in RTSP, which agrees on ports later. */
  port: number;
  rtcpPort: number;
  /** Of the `c=` line, such as 239.1.2.3; undefined where there is none. */
  address?: string;
  /** Only packets of these senders are wanted (RFC 4570); empty: any. */
  senders: string[];
  payloadType: number;
  /** As `rtpmap` says: `L16`, `opus` …, upper case. */
  codec: string;
  /** RTP's clock, which for some codecs is not the sample rate. */
  clockRateHz: number;
  /** The lines that say how to decode it: `rtpmap`, `fmtp`. */
  codecLines: string[];
  /** RTSP's name of this audio, relative or absolute. */
  control?: string;
  /** RFC 7273: `ts-refclk` and `mediaclk`, nearest to the media. */
  referenceClock?: string;
  mediaClock?: string;
}

/** RFC 3551: what may stand without an `rtpmap`. */
const STATIC_TYPES: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  10: 'L16/44100/2',
  11: 'L16/44100/1',
  14: 'MPA/90000',
};

/** The first audio of an SDP; throws what is missing. */
export function parseSdp(text: string): AudioMedia {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const sections = lines.reduce<string[][]>(
    (all, line) => {
      if (line.startsWith('m=')) all.push([]);
      all.at(-1)!.push(line);
      return all;
    },
    [[]],
  );
  const [session, ...media] = sections;
  const audio = media.find(([first]) => first.startsWith('m=audio '));
  if (!audio) throw new Error('its SDP has no audio');
  const [, portText, , type] = audio[0].slice(2).split(/\s+/);
  const payloadType = Number(type);
  const port = Number(portText.split('/')[0]);
  if (!Number.isInteger(port) || !Number.isInteger(payloadType)) {
    throw new Error(`its SDP has an audio line that is none: ${audio[0].slice(0, 80)}`);
  }
  const find = (start: string): string | undefined =>
    [...audio, ...session].find((line) => line.startsWith(start))?.slice(start.length);
  const map = find(`a=rtpmap:${payloadType} `) ?? STATIC_TYPES[payloadType];
  const [codec, clock] = (map ?? '').split('/');
  if (!(Number(clock) > 0)) throw new Error(`its SDP does not say what payload type ${payloadType} is`);
  const address = find('c=IN IP4 ') ?? find('c=IN IP6 ');
  const filter = find('a=source-filter:')?.trim().split(/\s+/) ?? [];
  const control = audio.find((line) => line.startsWith('a=control:'))?.slice('a=control:'.length);
  const referenceClock = find('a=ts-refclk:');
  const mediaClock = find('a=mediaclk:');
  return {
    port,
    rtcpPort: Number(find('a=rtcp:')?.split(' ')[0] ?? port + 1),
    ...(address !== undefined && { address: address.split('/')[0] }),
    senders: filter[0] === 'incl' ? filter.slice(4) : [],
    payloadType,
    codec: codec.toUpperCase(),
    clockRateHz: Number(clock),
    codecLines: [
      `a=rtpmap:${payloadType} ${map}`,
      ...audio.filter((line) => line.startsWith(`a=fmtp:${payloadType} `)),
    ],
    ...(control !== undefined && { control }),
    ...(referenceClock !== undefined && { referenceClock }),
    ...(mediaClock !== undefined && { mediaClock }),
  };
}

/** The same audio as it is handed on to a decoder on this machine. */
export function loopbackSdp({ payloadType, codecLines }: AudioMedia, port: number): string {
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    ...codecLines,
    '',
  ].join('\r\n');
}
