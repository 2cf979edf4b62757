import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = (...args: string[]) => promisify(execFile)('openssl', args);

/** A certificate authority of its own, made with openssl; files `<name>.crt` and `<name>.key` in `folder`. */
export async function certificateAuthority(folder: string, name = 'ca') {
  const file = (base: string, kind: string): string => join(folder, `${base}.${kind}`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    file(name, 'key'),
    '-out',
    file(name, 'crt'),
    '-subj',
    `/CN=${name}`,
  );
  return {
    ca: file(name, 'crt'),
    async issue(commonName: string, serves = false): Promise<{ cert: string; key: string }> {
      const request = file(commonName, 'csr');
      await openssl(
        'req',
        ...key,
        '-keyout',
        file(commonName, 'key'),
        '-out',
        request,
        '-subj',
        `/CN=${commonName}`,
      );
      const extensions = file(commonName, 'ext');
      await writeFile(
        extensions,
        serves
          ? 'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n'
          : 'extendedKeyUsage=clientAuth\n',
      );
      const signing = [
        '-CA',
        file(name, 'crt'),
        '-CAkey',
        file(name, 'key'),
        '-CAcreateserial',
        '-days',
        '2',
      ];
      await openssl(
        'x509',
        '-req',
        '-in',
        request,
        ...signing,
        '-extfile',
        extensions,
        '-out',
        file(commonName, 'crt'),
      );
      return { cert: file(commonName, 'crt'), key: file(commonName, 'key') };
    },
  };
}
