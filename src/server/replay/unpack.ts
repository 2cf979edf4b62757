import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ClameurError } from '../../config/index.js';
import { tooLarge, Unpacked } from './archive.js';
import { kindOf } from './sniff.js';
import { unpackTar } from './tar.js';
import { unpackZip } from './zip.js';

const gunzipped = promisify(gunzip);

/**
 * The files of an upload by their paths: one recording, or the scene that a zip or tar holds. In memory only. Throws
 * UPLOAD_TYPE, UPLOAD_TOO_LARGE or UPLOAD_INVALID.
 */
export async function unpack(name: string, bytes: Buffer): Promise<Map<string, Uint8Array>> {
  const kind = kindOf(bytes);
  if (kind === 'audio') return new Map([[name, bytes]]);
  const into = new Unpacked(name);
  if (kind === 'zip') await unpackZip(bytes, into);
  else if (kind === 'tar') unpackTar(bytes, into);
  else if (kind === 'gzip') {
    const tar = await gunzipped(bytes, { maxOutputLength: into.left }).catch((cause: { code?: string }) => {
      throw cause.code === 'ERR_BUFFER_TOO_LARGE'
        ? tooLarge()
        : into.invalid('it is damaged', undefined, cause);
    });
    if (kindOf(tar) !== 'tar')
      throw into.invalid('what is packed in it is no tar', 'Give a zip, a tar or a tar.gz');
    unpackTar(tar, into);
  } else throw new ClameurError('UPLOAD_TYPE', { name });
  return chosen(into);
}

/** A scene, or the one recording there is; what else lies beside them is left out. */
function chosen(into: Unpacked): Map<string, Uint8Array> {
  const { files } = into;
  const scenes = [...files.keys()].filter((path) => path.split('/').at(-1) === 'scene.json');
  if (scenes.length > 1)
    throw into.invalid(
      `it holds ${scenes.length} scenes`,
      'Upload one, or replay the folder with clameur replay --report',
    );
  if (scenes.length === 1) return files;
  const recordings = [...files].filter(([, bytes]) => kindOf(bytes) === 'audio');
  if (recordings.length === 0)
    throw into.invalid('there is no recording in it', 'Pack WAV, FLAC, Ogg or MP3 files');
  if (recordings.length > 1)
    throw into.invalid(
      `it holds ${recordings.length} recordings and no scene.json, which tells which pole each is from and when it began`,
      'Add scene.json and site.geojson, or upload one recording',
    );
  return new Map(recordings);
}
