import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ApiError, may, session, signingIn } from '../api.js';
import { filesOf, tarOf } from '../parts/tar.js';
import { ReportView } from '../report/report-view.js';
import { SaidText } from '../said/said-text.js';
import { useStore } from '../store.js';
import { t } from '../texts.js';
import type { ReplayReport } from '../types.js';

type Session = { id: string; name: string } & (
  | { state: 'running'; progress: { doneSeconds: number; totalSeconds: number } }
  | { state: 'done' }
  | { state: 'failed'; error: { message: string } }
);

type Stage =
  | { kind: 'idle'; error?: string }
  | { kind: 'uploading'; name: string; share: number }
  | { kind: 'listening'; name: string; share: number }
  | { kind: 'done'; id: string; report: ReplayReport };

const ASK_MILLIS = 400;

/** Drop a recording, and see what is heard in it, where and why. */
export function ReplayView() {
  useStore(session);
  const [stage, setStage] = useState<Stage>({ kind: 'idle' });
  const shown = useRef(true);
  useEffect(() => () => void (shown.current = false), []);
  if (!may('technician'))
    return (
      <p class="quiet">
        {t('needsRole', t('technician'))}{' '}
        <button type="button" class="primary" onClick={() => signingIn.set(true)}>
          {t('signIn')}
        </button>
      </p>
    );
  const replay = async (files: Array<{ path: string; file: File }>) => {
    if (files.length === 0) return;
    const name = files.length === 1 ? files[0].file.name : `${files[0].path.split('/')[0]}.tar`;
    try {
      const body = files.length === 1 ? files[0].file : await tarOf(files);
      setStage({ kind: 'uploading', name, share: 0 });
      const { id } = await upload(name, body, (share) => setStage({ kind: 'uploading', name, share }));
      for (;;) {
        const now = await api<Session>(`/replays/${id}`);
        if (!shown.current) return;
        if (now.state === 'failed') return setStage({ kind: 'idle', error: now.error.message });
        if (now.state === 'done') break;
        const { doneSeconds, totalSeconds } = now.progress;
        setStage({ kind: 'listening', name, share: totalSeconds > 0 ? doneSeconds / totalSeconds : 0 });
        await new Promise((resolve) => setTimeout(resolve, ASK_MILLIS));
      }
      setStage({ kind: 'done', id, report: await api<ReplayReport>(`/replays/${id}/report.json`) });
    } catch (error) {
      setStage({ kind: 'idle', error: (error as Error).message });
    }
  };
  if (stage.kind === 'done')
    return (
      <>
        <div class="row">
          <button
            type="button"
            onClick={() => {
              void api(`/replays/${stage.id}`, { method: 'DELETE' });
              setStage({ kind: 'idle' });
            }}
          >
            {t('anotherReplay')}
          </button>
          <a class="button" href={`/api/v1/replays/${stage.id}/report.json`} download>
            {t('downloadJson')}
          </a>
          <a class="button" href={`/api/v1/replays/${stage.id}/report.html`} download>
            {t('downloadHtml')}
          </a>
        </div>
        <ReportView report={stage.report} />
      </>
    );
  if (stage.kind !== 'idle') {
    const text = stage.kind === 'uploading' ? t('uploading', stage.name) : t('listening', stage.name);
    return (
      <div class="drop busy">
        <p role="status">{text} …</p>
        <progress max={1} value={stage.share} aria-label={text} />
      </div>
    );
  }
  return <DropZone onFiles={(files) => void replay(files)} error={stage.error} />;
}

function DropZone({
  onFiles,
  error,
}: {
  onFiles: (files: Array<{ path: string; file: File }>) => void;
  error: string | undefined;
}) {
  const [over, setOver] = useState(false);
  return (
    <div
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void filesOf(event.dataTransfer!).then(onFiles);
      }}
    >
      <span class="drop-icon" aria-hidden="true" />
      <h2>{t('dropHere')}</h2>
      <p>{t('dropHelp')}</p>
      <label class="button primary">
        {t('chooseFiles')}
        <input
          type="file"
          multiple
          class="hidden-input"
          onChange={(event) =>
            onFiles([...event.currentTarget.files!].map((file) => ({ path: file.name, file })))
          }
        />
      </label>
      <p class="faint small">{t('dropPrivacy')}</p>
      {error && (
        <p class="bad" role="alert">
          <SaidText text={error} />
        </p>
      )}
    </div>
  );
}

/** Not fetch: only XMLHttpRequest tells how much has been sent. */
function upload(name: string, body: Blob, onProgress: (share: number) => void): Promise<{ id: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/replays?name=${encodeURIComponent(name)}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new Error(t('noAnswer')));
    request.onload = () => {
      const answer = JSON.parse(request.responseText || '{}') as {
        id: string;
        code: string;
        message: string;
      };
      if (request.status === 202) resolve(answer);
      else reject(new ApiError(request.status, answer.code, answer.message ?? String(request.status)));
    };
    request.send(body);
  });
}
