import { expect, test } from 'vitest';
import { ClameurError, ERRORS, type ErrorCode } from '../../src/config/index.js';

test.each(Object.entries(ERRORS))(
  '%s names its mend, ends a command with failure and answers with an error status',
  (_code, row) => {
    expect(row.message).toMatch(/\.\s*\S|\. ?\{mend\}|:/);
    expect(row.message.length).toBeGreaterThan(30);
    expect(row.exitCode).toBeGreaterThan(0);
    expect(row.httpStatus).toBeGreaterThanOrEqual(400);
  },
);

test('values fill the places of the message, and the cause is kept', () => {
  const cause = new Error('EADDRINUSE');
  const error = new ClameurError(
    'PORT_IN_USE' satisfies ErrorCode,
    { port: 8080, host: '127.0.0.1' },
    { cause },
  );
  expect(error.message).toBe(
    'Port 8080 on 127.0.0.1 is in use by another program. Stop it, or set http.port in the configuration (CLAMEUR_HTTP_PORT).',
  );
  expect(error).toMatchObject({ code: 'PORT_IN_USE', cause, exitCode: 4 });
});
