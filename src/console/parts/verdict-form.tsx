import { useState } from 'preact/hooks';
import type { ApiError } from '../api.js';
import { api, may, session, signingIn } from '../api.js';
import { SaidText } from '../said/said-text.js';
import { useStore } from '../store.js';
import { t, word } from '../texts.js';
import type { EventData } from '../types.js';

const REASONS = ['fireworks', 'backfire', 'construction', 'thunder', 'other'] as const;
const REASON_TEXT = {
  fireworks: 'fireworks_was',
  backfire: 'backfire_was',
  construction: 'construction',
  thunder: 'thunder_was',
  other: 'other',
} as const;

/** What an operator says of an incident; the way of `verdicts.<site>`, answered once it is stored. */
export function VerdictForm({ data, onDone }: { data: EventData; onDone: () => void }) {
  useStore(session);
  const [reason, setReason] = useState<(typeof REASONS)[number]>('fireworks');
  const [note, setNote] = useState('');
  const [told, setTold] = useState<{ text: string; bad: boolean } | undefined>();
  const [busy, setBusy] = useState(false);
  if (!may('operator'))
    return (
      <p class="faint">
        {t('needsRole', t('operator'))}{' '}
        <button type="button" class="link" onClick={() => signingIn.set(true)}>
          {t('signIn')}
        </button>
      </p>
    );
  const give = async (verdict: 'confirmed' | 'dismissed' | 'unsure') => {
    setBusy(true);
    try {
      await api(`/incidents/${encodeURIComponent(data.incidentId)}/verdict`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          verdict,
          ...(verdict === 'dismissed' && { reason }),
          ...(note.trim() && { note: note.trim() }),
        }),
      });
      setTold({ text: t('verdictKept', word(verdict)), bad: false });
      setNote('');
      onDone();
    } catch (error) {
      setTold({ text: (error as ApiError).message, bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <fieldset class="verdict-form" disabled={busy}>
      <legend>{t('verdict')}</legend>
      <label>
        {t('note')}
        <input
          type="text"
          maxLength={500}
          value={note}
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      <div class="row">
        <button type="button" class="primary" onClick={() => void give('confirmed')}>
          {t('confirm')}
        </button>
        <button type="button" onClick={() => void give('unsure')}>
          {t('notSure')}
        </button>
        <span class="joined">
          <button type="button" class="danger" onClick={() => void give('dismissed')}>
            {t('dismiss')}
          </button>
          <select
            aria-label={t('reason')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value as typeof reason)}
          >
            {REASONS.map((name) => (
              <option key={name} value={name}>
                {t(REASON_TEXT[name])}
              </option>
            ))}
          </select>
        </span>
      </div>
      <p role="status" class={told?.bad ? 'bad' : 'good'}>
        {told?.bad ? <SaidText text={told.text} /> : told?.text}
      </p>
    </fieldset>
  );
}
