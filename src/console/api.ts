import { Store } from './store.js';

export interface Session {
  role: 'none' | 'viewer' | 'technician' | 'operator';
  name?: string;
}

/** Who one is here; `undefined` until the service has said. */
export const session = new Store<Session | undefined>(undefined);
/** Open when something needs a role that one has not. */
export const signingIn = new Store(false);

const RANK = ['none', 'viewer', 'technician', 'operator'];
export const may = (role: Session['role']) =>
  RANK.indexOf(session.value?.role ?? 'none') >= RANK.indexOf(role);

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export async function api<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(`/api/v1${path}`, init);
  if (answer.status === 204) return undefined as T;
  const body = (await answer.json().catch(() => ({}))) as { code?: string; message?: string };
  if (!answer.ok) {
    if (answer.status === 401) session.set({ role: 'none' });
    throw new ApiError(answer.status, body.code ?? 'UNKNOWN', body.message ?? `${answer.status}`);
  }
  return body as T;
}

export async function loadSession(): Promise<void> {
  // A link with a token in its fragment (which no browser sends anywhere) signs in, and the token leaves the address.
  const token = /[#&]token=([^&]+)/.exec(location.hash)?.[1];
  if (token) {
    history.replaceState(undefined, '', '#/live');
    await signIn(decodeURIComponent(token)).catch(() => undefined);
  }
  session.set(await api<Session>('/session').catch((): Session => ({ role: 'none' })));
}

export async function signIn(token: string): Promise<void> {
  session.set(
    await api<Session>('/session', { method: 'POST', headers: { Authorization: `Bearer ${token.trim()}` } }),
  );
}

export async function signOut(): Promise<void> {
  await api('/session', { method: 'DELETE' });
  session.set(await api<Session>('/session'));
}
