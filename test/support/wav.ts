/** A WAV file of 16-bit or float samples, one array a channel, full scale ±1. */
export function wavFile(
  sampleRateHz: number,
  channels: readonly (readonly number[] | Float32Array)[],
  encoding: 'int16' | 'float32' = 'int16',
): Buffer {
  const width = encoding === 'int16' ? 2 : 4;
  const frames = channels[0].length;
  const dataBytes = frames * channels.length * width;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(encoding === 'int16' ? 1 : 3, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(sampleRateHz, 24);
  file.writeUInt32LE(sampleRateHz * channels.length * width, 28);
  file.writeUInt16LE(channels.length * width, 32);
  file.writeUInt16LE(width * 8, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  let at = 44;
  for (let i = 0; i < frames; i++) {
    for (const channel of channels) {
      if (encoding === 'int16') {
        file.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(channel[i] * 32768))), at);
      } else {
        file.writeFloatLE(channel[i], at);
      }
      at += width;
    }
  }
  return file;
}
