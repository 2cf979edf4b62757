import { connect, type Socket } from 'node:net';
import { authorization, type Credentials } from './rtsp-auth.js';
import { LARGEST_MESSAGE_BYTES, readRtspMessage, type RtspMessage } from './rtsp-message.js';

export type RtspResponse = RtspMessage & { status: number };

const ANSWER_MILLIS = 10_000;
const DOLLAR = 0x24;

/** One RTSP connection (RFC 2326): requests and answers, and between them the packets that travel inside it. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #credentials: Credentials | undefined;
  readonly #onPacket: (channel: number, packet: Buffer) => void;
  readonly #waiting = new Map<number, (answer: RtspResponse | Error) => void>();
  #rest: Buffer = Buffer.alloc(0);
  #sequence = 0;
  #challenges: readonly string[] = [];
  session: string | undefined;
  /** Why it ended. */
  readonly ended: Promise<string>;

  private constructor(
    socket: Socket,
    credentials: Credentials | undefined,
    onPacket: (channel: number, packet: Buffer) => void,
  ) {
    this.#socket = socket;
    this.#credentials = credentials;
    this.#onPacket = onPacket;
    this.ended = new Promise((resolve) => {
      let problem = 'the server closed the connection';
      socket.on('error', (error) => (problem = error.message));
      socket.once('close', () => {
        resolve(problem);
        for (const answer of this.#waiting.values()) answer(new Error(problem));
        this.#waiting.clear();
      });
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  static async open(
    host: string,
    port: number,
    credentials: Credentials | undefined,
    onPacket: (channel: number, packet: Buffer) => void,
  ): Promise<RtspConnection> {
    const socket = connect({ host, port, noDelay: true, timeout: ANSWER_MILLIS });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
      socket.once('timeout', () =>
        socket.destroy(new Error(`no connection within ${ANSWER_MILLIS / 1000} s`)),
      );
    });
    socket.setTimeout(0);
    return new RtspConnection(socket, credentials, onPacket);
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** Answers of any status; asks again with the password where it is wanted. Throws where no answer comes. */
  async request(
    method: string,
    uri: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RtspResponse> {
    const answer = await this.#ask(method, uri, headers);
    if (answer.status !== 401 || !this.#credentials) return answer;
    this.#challenges = answer.headers.get('www-authenticate') ?? [];
    return this.#ask(method, uri, headers);
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(method: string, uri: string, headers: Readonly<Record<string, string>>): Promise<RtspResponse> {
    const sequence = ++this.#sequence;
    const proof =
      this.#credentials && this.#challenges.length > 0
        ? authorization(this.#challenges, this.#credentials, method, uri)
        : undefined;
    const lines = {
      CSeq: `${sequence}`,
      'User-Agent': 'clameur',
      ...(this.session !== undefined && { Session: this.session }),
      ...(proof !== undefined && { Authorization: proof }),
      ...headers,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(sequence);
        reject(new Error(`no answer to ${method} within ${ANSWER_MILLIS / 1000} s`));
      }, ANSWER_MILLIS);
      this.#waiting.set(sequence, (answer) => {
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
      if (this.#socket.destroyed) this.#waiting.get(sequence)!(new Error('the server closed the connection'));
      else this.#socket.write(`${method} ${uri} RTSP/1.0\r\n${text.join('')}\r\n`);
    });
  }

  #take(chunk: Buffer): void {
    let bytes: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const used = bytes[0] === DOLLAR ? this.#packet(bytes) : this.#message(bytes);
      if (used === 0) break;
      bytes = bytes.subarray(used);
      if (bytes.length === 0) break;
    }
    this.#rest = Buffer.from(bytes);
    if (bytes.length > LARGEST_MESSAGE_BYTES) this.#socket.destroy(new Error('what it sends is no RTSP'));
  }

  /** Bytes used; 0: not all there yet. */
  #packet(bytes: Buffer): number {
    if (bytes.length < 4) return 0;
    const end = 4 + bytes.readUInt16BE(2);
    if (bytes.length < end) return 0;
    this.#onPacket(bytes[1], bytes.subarray(4, end));
    return end;
  }

  #message(bytes: Buffer): number {
    const read = readRtspMessage(bytes);
    if (!read) return 0;
    const { message, length } = read;
    const { status } = message;
    const sequence = Number(message.headers.get('cseq')?.[0]);
    if (status === undefined) {
      // Of a server's own requests none is needed here; it must have an answer all the same.
      this.#socket.write(`RTSP/1.0 501 Not Implemented\r\nCSeq: ${sequence}\r\n\r\n`);
    } else {
      const waiting = this.#waiting.get(sequence);
      this.#waiting.delete(sequence);
      waiting?.({ ...message, status });
    }
    return length;
  }
}
