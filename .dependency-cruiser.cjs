// The way of the data, enforced: a room imports only from rooms to its left and from the small shared ones,
// and only through the other room's door (its index.ts). See CONTRIBUTING.md for the map.
const order = [
  'audio',
  'config',
  'telemetry',
  'claims',
  'feeds',
  'listen',
  'relay',
  'locate',
  'publish',
  'review',
  'privacy',
  'simulate',
  'server',
  // The page: of the service it imports types, nothing else.
  'console',
  'cli',
];
const mayImport = {
  audio: [],
  config: ['audio'],
  telemetry: ['audio', 'config'],
  claims: ['telemetry'],
  feeds: ['audio', 'config', 'telemetry'],
  listen: ['feeds', 'audio', 'config', 'telemetry'],
  relay: ['feeds', 'listen', 'audio', 'config', 'telemetry'],
  locate: ['feeds', 'listen', 'audio', 'config', 'telemetry'],
  publish: ['feeds', 'listen', 'locate', 'audio', 'config', 'telemetry'],
  review: ['publish', 'locate', 'audio', 'config', 'telemetry'],
  privacy: ['publish', 'review', 'locate', 'audio', 'config', 'telemetry'],
  // Sends and makes sound: nothing of `serve` may import it (rule 1 of the design).
  simulate: ['feeds', 'locate', 'audio', 'config', 'telemetry'],
  server: ['feeds', 'listen', 'locate', 'publish', 'review', 'privacy', 'audio', 'config', 'telemetry'],
  console: ['publish', 'server'],
  cli: order.filter((room) => room !== 'console'),
};
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'console-takes-types-only',
      severity: 'error',
      comment: 'the page is not the service: it may know its types, never its code',
      from: { path: '^src/console/' },
      to: { path: '^src/', pathNot: '^src/console/', dependencyTypesNot: ['type-only'] },
    },
    ...order.map((room) => ({
      name: `${room}-looks-left`,
      severity: 'error',
      comment: `src/${room} may import only from: ${mayImport[room].join(', ') || 'nothing'}`,
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...mayImport[room]].join('|')})/` },
    })),
    ...order.map((room) => ({
      name: `${room}-has-one-door`,
      severity: 'error',
      comment: `other rooms import src/${room} only through its index.ts`,
      from: { path: '^src/', pathNot: `^src/${room}/` },
      to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.ts$` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
