const BLOCK = 512;

/** Several files as one upload: a POSIX tar, made in memory. */
export async function tarOf(files: ReadonlyArray<{ path: string; file: File }>): Promise<Blob> {
  const parts: BlobPart[] = [];
  for (const { path, file } of files) {
    parts.push(
      headOf(path, file.size),
      await file.arrayBuffer(),
      new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK),
    );
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts);
}

function headOf(path: string, size: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => head.set(new TextEncoder().encode(text), at);
  // A longer one has its folders left out: in a scene only the file's own name counts.
  const name = new TextEncoder().encode(path).length > 100 ? path.split('/').at(-1)! : path;
  put(0, name);
  put(100, '0000644\0');
  put(124, `${size.toString(8).padStart(11, '0')}\0`);
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\x0000');
  const sum = head.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return head;
}

/** What was dropped: files, and those in dropped folders, with their paths. */
export async function filesOf(transfer: DataTransfer): Promise<Array<{ path: string; file: File }>> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  if (entries.some((entry) => entry?.isDirectory)) {
    const all = await Promise.all(entries.map((entry) => (entry ? walk(entry) : [])));
    return all.flat();
  }
  return [...transfer.files].map((file) => ({ path: file.name, file }));
}

async function walk(entry: FileSystemEntry): Promise<Array<{ path: string; file: File }>> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile)
    return [
      {
        path,
        file: await new Promise<File>((resolve, reject) =>
          (entry as FileSystemFileEntry).file(resolve, reject),
        ),
      },
    ];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    children.push(...some);
  }
  return (await Promise.all(children.map(walk))).flat();
}
