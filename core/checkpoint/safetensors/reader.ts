import { CheckpointFormatError, InvalidArgumentError, InvalidStateError } from '../../errors.ts';
import type { ByteSource, FileSource } from '../byte-source.ts';
import type { ByteRange, Checkpoint, CheckpointFile, CheckpointFormat, Entry } from '../checkpoint.ts';
import { entryRange } from '../entry-range.ts';
import { MAX_HEADER, PREFIX, parseHeader, type SafetensorsHeader } from './header.ts';

/** Reads and checks the header of one file; nothing of its data. One of `known` with the same text is not parsed again. */
export async function readHeader(
  source: ByteSource,
  file: number,
  known: readonly SafetensorsHeader[] = [],
): Promise<SafetensorsHeader> {
  const { name, size } = source;
  if (size < PREFIX) {
    throw formatError(`${name}: a safetensors file begins with 8 bytes of header length; this one has ${size}`, {
      file: name,
      offset: size,
    });
  }
  const prefix = Buffer.from(await source.read(0, PREFIX)).readBigUInt64LE(0);
  if (prefix > BigInt(MAX_HEADER)) {
    throw formatError(`${name}: the header is said to take ${prefix} bytes; the format's limit is ${MAX_HEADER}`, {
      file: name,
      offset: 0,
    });
  }
  const length = Number(prefix);
  if (PREFIX + length > size) {
    throw formatError(
      `${name}: the header is said to take ${length} bytes, but only ${size - PREFIX} follow: ` +
        'the file is cut short or not a safetensors file',
      { file: name, offset: 0 },
    );
  }
  const bytes = await source.read(0, PREFIX + length);
  const same = known.find((header) => header.file === file && header.fileSize === size && header.bytes.equals(bytes));
  return same ?? parseHeader({ bytes, name, fileSize: size, file });
}

/** A safetensors file, or the shards of one index behind one face. */
export class SafetensorsCheckpoint implements Checkpoint {
  readonly format: CheckpointFormat;
  readonly path: string;
  readonly files: readonly CheckpointFile[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
  /** One per file: what the writer patches. */
  readonly headers: readonly SafetensorsHeader[];
  private readonly sources: readonly FileSource[];
  private closed = false;

  constructor(init: {
    readonly format: CheckpointFormat;
    readonly path: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly sources: readonly FileSource[];
    readonly headers: readonly SafetensorsHeader[];
  }) {
    this.format = init.format;
    this.path = init.path;
    this.metadata = init.metadata;
    this.sources = init.sources;
    this.headers = init.headers;
    this.files = init.sources.map(({ path, stamp }) => ({ path, stamp }));
    const [only] = init.headers;
    this.entries =
      only && init.headers.length === 1 ? only.entries : init.headers.flatMap((header) => [...header.entries]);
  }

  find(name: string): Entry | undefined {
    for (const header of this.headers) {
      const index = header.indexOf(name);
      if (index !== undefined) return header.entries[index];
    }
    return undefined;
  }

  async read(entry: Entry, range?: ByteRange): Promise<Uint8Array> {
    const { start, nbytes } = entryRange(entry, range);
    const source = this.sources[entry.file];
    if (!source) throw new InvalidArgumentError(`Tensor ${JSON.stringify(entry.name)} is not of this checkpoint.`);
    if (this.closed) throw new InvalidStateError(`${source.name} was closed; open it again to read from it.`);
    return source.read(start, nbytes);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export async function openSafetensors(
  source: FileSource,
  known: readonly Checkpoint[] = [],
): Promise<SafetensorsCheckpoint> {
  const header = await readHeader(source, 0, headersOf(known));
  return new SafetensorsCheckpoint({
    format: 'safetensors',
    path: source.path,
    metadata: header.metadata,
    sources: [source],
    headers: [header],
  });
}

/** What `readHeader` need not parse again. */
export function headersOf(checkpoints: readonly Checkpoint[]): SafetensorsHeader[] {
  return checkpoints.flatMap((checkpoint) => (checkpoint instanceof SafetensorsCheckpoint ? checkpoint.headers : []));
}

function formatError(problem: string, details: { file: string; offset: number }): CheckpointFormatError {
  return new CheckpointFormatError(`${problem} (byte ${details.offset} of the file).`, details);
}
