import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelOf, decodeFrame, encodeFrame, mixToMono, type Frame } from '../../src/audio/index.js';

interface Fields {
  magic: string;
  version: number;
  encoding: number;
  channels: number;
  flags: number;
  rate: number;
  sequence: number;
  time: bigint;
  uncertainty: number;
  samples: number;
}

/** A frame written from the table of the format alone, not with the encoder. */
function bytes(fields: Partial<Fields> = {}, pcm: readonly number[] = [0, 0x40, 0, 0xc0]): Buffer {
  const f: Fields = {
    magic: 'CLMR',
    version: 1,
    encoding: 1,
    channels: 1,
    flags: 0,
    rate: 16000,
    sequence: 7,
    time: 1_777_672_845_250_000_123n,
    uncertainty: 0xffffffff,
    samples: 2,
    ...fields,
  };
  const head = Buffer.alloc(32);
  head.write(f.magic, 0, 'latin1');
  head.set([f.version, f.encoding, f.channels, f.flags], 4);
  head.writeUInt32LE(f.rate, 8);
  head.writeUInt32LE(f.sequence, 12);
  head.writeBigUInt64LE(f.time, 16);
  head.writeUInt32LE(f.uncertainty, 24);
  head.writeUInt32LE(f.samples, 28);
  return Buffer.concat([head, Buffer.from(pcm)]);
}

function float32(...values: number[]): number[] {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => buffer.writeFloatLE(value, i * 4));
  return [...buffer];
}

function decoded(payload: Uint8Array): Frame {
  const frame = decodeFrame(payload);
  if (typeof frame === 'string') throw new Error(`refused: ${frame}`);
  return frame;
}

describe('a frame on the wire', () => {
  test('is read to the byte', () => {
    const frame = decoded(bytes({ flags: 0xff, uncertainty: 250_000, sequence: 0xfffffffe }));
    expect(frame).toMatchObject({
      sampleRateHz: 16000,
      channels: 1,
      sequence: 0xfffffffe,
      discontinuity: true,
      startNanos: 1_777_672_845_250_000_123n,
      clockUncertaintySeconds: 0.00025,
      samplesPerChannel: 2,
    });
    expect([...mixToMono(frame, new Float32Array(2))]).toEqual([0.5, -0.5]);
  });

  test('with other flags than bit 0 is no discontinuity, and 0xFFFFFFFF is an unknown uncertainty', () => {
    const frame = decoded(bytes({ flags: 0xfe }));
    expect(frame.discontinuity).toBe(false);
    expect(frame.clockUncertaintySeconds).toBeUndefined();
  });

  test('of several channels is averaged, or taken apart in order', () => {
    const frame = decoded(bytes({ encoding: 2, channels: 2, samples: 2 }, float32(0.5, -0.25, 1, 0.5)));
    expect([...mixToMono(frame, new Float32Array(9))]).toEqual([0.125, 0.75]);
    expect([...channelOf(frame, 1)]).toEqual([-0.25, 0.5]);
  });

  test.each([0, 1, 2, 3])('is the same %i bytes into a larger buffer, as NATS hands it over', (shift) => {
    for (const payload of [bytes(), bytes({ encoding: 2 }, float32(0.5, -0.5))]) {
      const larger = new Uint8Array(payload.length + shift);
      larger.set(payload, shift);
      const frame = decoded(larger.subarray(shift));
      expect([...mixToMono(frame, new Float32Array(2))]).toEqual([0.5, -0.5]);
    }
  });

  test('of full scale, silence and DC passes', () => {
    const pcm = [0x00, 0x80, 0xff, 0x7f];
    expect([...mixToMono(decoded(bytes({}, pcm)), new Float32Array(2))]).toEqual([-1, 32767 / 32768]);
    expect([...mixToMono(decoded(bytes({}, [0, 0, 0, 0])), new Float32Array(2))]).toEqual([0, 0]);
  });

  const second = Array.from({ length: 16001 * 2 }, () => 0);
  test.each<[string, Buffer]>([
    ['length', Buffer.alloc(0)],
    ['length', bytes().subarray(0, 31)],
    ['length', bytes().subarray(0, 35)],
    ['length', bytes({}, [0, 0, 0, 0, 0])],
    ['length', bytes({ samples: 3 })],
    ['length', bytes({ channels: 2 })],
    ['length', bytes({ encoding: 2 })],
    ['magic', bytes({ magic: 'RIFF' })],
    ['version', bytes({ version: 2 })],
    ['encoding', bytes({ encoding: 0 })],
    ['encoding', bytes({ encoding: 3 })],
    ['channels', bytes({ channels: 0 })],
    ['channels', bytes({ channels: 9 })],
    ['rate', bytes({ rate: 7999 })],
    ['rate', bytes({ rate: 192001 })],
    ['empty', bytes({ samples: 0 }, [])],
    ['too_long', bytes({ samples: 16001 }, second)],
    ['oversized', Buffer.concat([bytes(), Buffer.alloc(512 * 1024)])],
    ['time', bytes({ time: 2n ** 63n })],
    ['not_finite', bytes({ encoding: 2 }, float32(NaN, 0))],
    ['not_finite', bytes({ encoding: 2 }, float32(0, Infinity))],
    ['overscale', bytes({ encoding: 2 }, float32(12000, 0))],
  ])('is refused as "%s"', (reason, payload) => {
    expect(decodeFrame(payload)).toBe(reason);
  });

  test('of exactly 1 s is taken', () => {
    expect(decoded(bytes({ samples: 16000 }, second.slice(0, 32000))).samplesPerChannel).toBe(16000);
  });

  test('that is any bytes at all gives a reason or a frame, and never throws', () => {
    const garbage = fc.uint8Array({ maxLength: 200 });
    const nearly = fc
      .tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(31), fc.nat(255))
      .map(([pcm, at, value]) => {
        const payload = bytes({ samples: pcm.length >> 1 }, [...pcm]);
        payload[at] = value;
        return new Uint8Array(payload);
      });
    fc.assert(
      fc.property(fc.oneof(garbage, nearly), (payload) => {
        const frame = decodeFrame(payload);
        if (typeof frame !== 'string') mixToMono(frame, new Float32Array(frame.samplesPerChannel));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a frame that we write', () => {
  test('has the bytes of the format', () => {
    const written = encodeFrame({
      encoding: 'int16',
      sampleRateHz: 16000,
      sequence: 7,
      startNanos: 1_777_672_845_250_000_123n,
      clockUncertaintySeconds: 0.0001,
      discontinuity: true,
      channels: [Float32Array.of(0.5, -0.5)],
    });
    expect(Buffer.from(written)).toEqual(bytes({ uncertainty: 100_000, flags: 1 }));
  });

  test('clips int16 at full scale instead of wrapping', () => {
    const frame = encodeFrame({
      encoding: 'int16',
      sampleRateHz: 8000,
      sequence: 0,
      startNanos: 0n,
      channels: [Float32Array.of(1, -1.5)],
    });
    expect([...mixToMono(decoded(frame), new Float32Array(2))]).toEqual([32767 / 32768, -1]);
  });

  test('is read back as it was', () => {
    const samples = fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 8000, max: 192000 }),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        fc.nat(0xffffffff),
        fc.option(fc.nat(0xfffffffe), { nil: undefined }),
        (sound, count, sampleRateHz, startNanos, sequence, uncertaintyNanos) => {
          const channels = Array.from({ length: count }, (_, c) => sound.map((v) => v / (c + 1)));
          const frame = decoded(
            encodeFrame({
              encoding: 'float32',
              sampleRateHz,
              sequence,
              startNanos,
              channels,
              ...(uncertaintyNanos !== undefined && { clockUncertaintySeconds: uncertaintyNanos / 1e9 }),
            }),
          );
          expect(frame).toMatchObject({ sampleRateHz, sequence, startNanos, channels: count });
          expect(frame.clockUncertaintySeconds).toBe(
            uncertaintyNanos === undefined ? undefined : uncertaintyNanos / 1e9,
          );
          channels.forEach((channel, c) => expect(channelOf(frame, c)).toEqual(channel));
        },
      ),
    );
  });

  test.each([
    ['no channel', { channels: [] }],
    ['nine channels', { channels: Array.from({ length: 9 }, () => Float32Array.of(0)) }],
    ['channels of two lengths', { channels: [Float32Array.of(0), Float32Array.of(0, 0)] }],
    ['a rate of 4 kHz', { sampleRateHz: 4000 }],
    ['more than 1 s', { channels: [new Float32Array(16001)] }],
    ['more than 512 KiB', { sampleRateHz: 192000, channels: [new Float32Array(140000)] }],
  ])('is refused with %s, as a receiver would drop it', (_, wrong) => {
    const right = {
      encoding: 'float32' as const,
      sampleRateHz: 16000,
      sequence: 0,
      startNanos: 0n,
      channels: [Float32Array.of(0)],
    };
    expect(() => encodeFrame({ ...right, ...wrong })).toThrow(RangeError);
  });
});
