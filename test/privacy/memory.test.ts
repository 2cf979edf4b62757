import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { longestHeld } from '../../src/cli/privacy/memory.js';
import { Random } from '../../src/simulate/index.js';

const random = new Random('memory');
// As 16 bits give it: no sample is -0.
const sound = Float32Array.from({ length: 32_000 }, () => Math.round(random.white() * 2) / 32_768 + 0);

test('a process that holds two seconds of a sound is found out, and one that wiped them is not', async () => {
  // It makes a ring as the service does, copies half of what it is sent into it, and wipes it when told.
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const ring = new Float32Array(64000);
       let got = Buffer.alloc(0);
       process.stdin.on('data', (bytes) => {
         if (bytes.toString() === 'wipe') { ring.fill(0); process.stdout.write('wiped'); return; }
         for (let i = 0; i < bytes.length; i++) new Uint8Array(ring.buffer)[got.length + i] = bytes[i];
         got = { length: got.length + bytes.length };
         bytes.fill(0);
         if (got.length >= 64000) process.stdout.write('held');
       });`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    child.stdin.write(Buffer.from(sound.buffer, 0, 64_000));
    await once(child.stdout, 'data');
    const held = await longestHeld(child.pid!, [sound]);
    if (held === undefined)
      return void process.stderr.write('skipped: the memory of another process cannot be read here\n');
    expect(held).toBe(16_000);
    child.stdin.write('wipe');
    await once(child.stdout, 'data');
    expect(await longestHeld(child.pid!, [sound])).toBeLessThan(2_000);
  } finally {
    child.kill('SIGKILL');
  }
});
