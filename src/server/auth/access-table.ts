import type { Role } from './roles.js';

/**
 * Who may come in: `anyone`; a role; `health` and `metrics`, which the configuration opens or closes (http.open). The
 * static page is for anyone, for there is nothing in it: what it shows comes from the REST interface.
 */
export type Access = 'anyone' | 'health' | 'metrics' | Role;

interface Rule {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Matches whole path segments: `*` one of them, `**` at the end any number. */
  path: string;
  access: Access;
}

/**
 * The one place where a route's role stands; the first rule that fits counts. A method that no rule names for a path
 * is refused before anything else looks at it, so that a new way to change something is closed until it stands here.
 */
export const ACCESS_TABLE: readonly Rule[] = [
  { method: 'GET', path: '/healthz', access: 'health' },
  { method: 'GET', path: '/readyz', access: 'health' },
  { method: 'GET', path: '/metrics', access: 'metrics' },
  // What the public may know of the deployment.
  { method: 'GET', path: '/api/v1/transparency', access: 'anyone' },
  { method: 'GET', path: '/api/v1/session', access: 'anyone' },
  { method: 'POST', path: '/api/v1/session', access: 'viewer' },
  { method: 'DELETE', path: '/api/v1/session', access: 'anyone' },
  { method: 'GET', path: '/api/v1/poles/*/levels', access: 'technician' },
  { method: 'POST', path: '/api/v1/incidents/*/verdict', access: 'operator' },
  // A recording that somebody brings, and what came of it.
  { method: 'POST', path: '/api/v1/replays', access: 'technician' },
  { method: 'GET', path: '/api/v1/replays/**', access: 'technician' },
  { method: 'DELETE', path: '/api/v1/replays/*', access: 'technician' },
  { method: 'GET', path: '/api/**', access: 'viewer' },
  { method: 'GET', path: '/**', access: 'anyone' },
];

/** What a request needs; undefined: that method is possible for nobody on that path. HEAD counts as GET. */
export function accessFor(method: string, path: string): Access | undefined {
  const asked = method === 'HEAD' ? 'GET' : method;
  // Express's router takes no account of case or of a slash at the end, so neither may its guard.
  const segments = path.toLowerCase().split('/').filter(Boolean);
  return ACCESS_TABLE.find((rule) => rule.method === asked && fits(rule.path, segments))?.access;
}

function fits(pattern: string, segments: readonly string[]): boolean {
  const parts = pattern.split('/').filter(Boolean);
  if (parts.at(-1) === '**') {
    parts.pop();
    if (segments.length < parts.length) return false;
  } else if (segments.length !== parts.length) return false;
  return parts.every((part, i) => part === '*' || part === segments[i]);
}
