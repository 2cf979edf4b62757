import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadSession, session, signIn, signingIn, signOut } from './api.js';
import { followLive, live } from './live.js';
import { Choices } from './parts/choices.js';
import { said } from './said/said.js';
import { language } from './settings.js';
import { useStore } from './store.js';
import { t, word } from './texts.js';
import { AboutView } from './views/about.js';
import { HistoryView } from './views/history.js';
import { LiveView } from './views/live.js';
import { PolesView } from './views/poles.js';
import { ReplayView } from './views/replay.js';
import './style.css';

const VIEWS = ['live', 'poles', 'history', 'replay', 'about'] as const;
type View = (typeof VIEWS)[number];

/** `#/poles/quai-1` is the view and what is chosen in it. */
function placeOf(hash: string): { view: View; chosen?: string } {
  const [, view = 'live', chosen] = hash.split('/');
  const known = VIEWS.find((name) => name === view) ?? 'live';
  return { view: known, ...(chosen && { chosen: decodeURIComponent(chosen) }) };
}

const go = (path: string): void => void (location.hash = path);

function App() {
  useStore(language);
  const who = useStore(session);
  const { site } = useStore(live);
  const [{ view, chosen }, setPlace] = useState(placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    if (who && who.role !== 'none') followLive();
  }, [who?.role]);
  useEffect(() => {
    document.title = `${t(view)} · ${site ? `${site} · ` : ''}Clameur`;
  });
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')!.focus();
        }}
      >
        {t('skip')}
      </a>
      <header class="bar">
        <span class="brand">
          <span class="logo" aria-hidden="true" /> Clameur <span class="faint">{site}</span>
        </span>
        <nav aria-label={t('views')}>
          {VIEWS.map((name) => (
            <a key={name} href={`#/${name}`} aria-current={name === view ? 'page' : undefined}>
              {t(name)}
            </a>
          ))}
        </nav>
        <Health />
        <Choices />
        <Who />
      </header>
      <main id="main" tabIndex={-1}>
        <h1 class="hidden">{t(view)}</h1>
        {who?.role === 'none' ? <SignIn /> : <Shown view={view} chosen={chosen} />}
      </main>
      <SignInDialog />
    </>
  );
}

function Shown({ view, chosen }: { view: View; chosen: string | undefined }) {
  switch (view) {
    case 'live':
      return <LiveView go={go} />;
    case 'poles':
      return <PolesView chosen={chosen} go={go} />;
    case 'history':
      return <HistoryView chosen={chosen} go={go} />;
    case 'replay':
      return <ReplayView />;
    case 'about':
      return <AboutView />;
  }
}

function Health() {
  const { connected, ready } = useStore(live);
  const who = useStore(session);
  if (who?.role === 'none') return null;
  const missing = Object.entries(ready ?? {}).filter(([, part]) => !(part as { ready: boolean }).ready);
  const [kind, text] = !connected
    ? ['bad', ready ? t('noAnswer') : t('connecting')]
    : missing.length > 0
      ? ['warn', `${t('notReady')}: ${missing.map(([name]) => word(name)).join(', ')}`]
      : ['good', t('ready')];
  return (
    <span
      class={`health ${kind}`}
      role="status"
      title={missing.map(([, part]) => said((part as { reason?: string }).reason ?? '').text).join(' ')}
    >
      {text}
    </span>
  );
}

function Who() {
  const who = useStore(session);
  if (!who) return null;
  const signedIn = who.role !== 'none' && who.name !== 'anonymous';
  return (
    <span class="who">
      {who.role !== 'none' && <span class="faint small">{word(who.role)}</span>}
      <button type="button" class="link" onClick={() => (signedIn ? void signOut() : signingIn.set(true))}>
        {signedIn ? t('signOut') : t('signIn')}
      </button>
    </span>
  );
}

function SignIn({ onDone }: { onDone?: () => void }) {
  const [token, setToken] = useState('');
  const [wrong, setWrong] = useState<string | undefined>();
  const submit = (event: Event) => {
    event.preventDefault();
    signIn(token).then(
      () => onDone?.(),
      () => setWrong(t('tokenWrong')),
    );
  };
  return (
    <form class="sign-in panel" onSubmit={submit}>
      <h2>{t('signIn')}</h2>
      <label>
        {t('token')}
        <input
          type="password"
          autoComplete="current-password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p class="faint small">{t('tokenHelp')}</p>
      {wrong && (
        <p class="bad" role="alert">
          {wrong}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary">
          {t('signIn')}
        </button>
        {onDone && (
          <button type="button" onClick={onDone}>
            {t('close')}
          </button>
        )}
      </div>
    </form>
  );
}

function SignInDialog() {
  const open = useStore(signingIn);
  if (!open) return null;
  return (
    <dialog
      class="dialog"
      aria-label={t('signIn')}
      ref={(element) => {
        if (element && !element.open) element.showModal();
      }}
      onClose={() => signingIn.set(false)}
    >
      <SignIn onDone={() => signingIn.set(false)} />
    </dialog>
  );
}

await loadSession();
render(<App />, document.getElementById('app')!);
