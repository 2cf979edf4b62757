/**
 * The one table of errors. Each names the thing and the mend; `{…}` are filled from the error's values.
 * `exitCode` is what a command ends with, `httpStatus` what the REST interface answers.
 */
export const ERRORS = {
  CONFIG_INVALID: {
    message:
      'Configuration {file}: {problem}. Mend the file; every key, default and unit: clameur serve --help.',
    exitCode: 2,
    httpStatus: 400,
  },
  SITE_INVALID: {
    message:
      'Site {file}: {problem}. Mend the GeoJSON: a FeatureCollection of poles, each a Point [lon, lat, altitude].',
    exitCode: 2,
    httpStatus: 400,
  },
  SCENE_INVALID: {
    message:
      'Scene {file}: {problem}. A scene is a folder with site.geojson, scene.json and one audio file per pole.',
    exitCode: 2,
    httpStatus: 400,
  },
} as const satisfies Record<string, { message: string; exitCode: number; httpStatus: number }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error of the table: `code` for programs, `message` for people, `cause` for what lay beneath. */
export class ClameurError extends Error {
  override readonly name = 'ClameurError';
  readonly exitCode: number;
  readonly httpStatus: number;

  constructor(
    readonly code: ErrorCode,
    values: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    const { message, exitCode, httpStatus } = ERRORS[code];
    super(
      message.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole)),
      options,
    );
    this.exitCode = exitCode;
    this.httpStatus = httpStatus;
  }
}
