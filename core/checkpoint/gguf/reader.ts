import type { FileSource } from '../byte-source.ts';
import type { Entry } from '../checkpoint.ts';
import { ReadableCheckpoint } from '../readable-checkpoint.ts';
import { swappedStorage } from './big-endian.ts';
import { type GGUFPart, readParts } from './split.ts';
import type { GGUFTensor } from './tensors.ts';

/** A GGUF model, in one file or in parts. Its metadata is that of the first part. */
export class GGUFCheckpoint extends ReadableCheckpoint {
  /** What the writer goes by; parallel to `files`. */
  readonly parts: readonly GGUFPart[];
  readonly part?: number;

  constructor(path: string, parts: readonly GGUFPart[]) {
    const fields = parts[0]?.header.fields ?? [];
    super({
      format: 'gguf',
      path,
      sources: parts.map(({ source }) => source),
      metadata: Object.fromEntries(fields.map(({ key, text }) => [key, text])),
      entries: parts.flatMap((part, file) => part.header.tensors.map((tensor) => entryOf(tensor, part, file))),
    });
    this.parts = parts;
    if (parts.length > 1) this.part = parts.findIndex(({ source }) => source.path === path);
  }
}

function entryOf(tensor: GGUFTensor, { source, header }: GGUFPart, file: number): Entry {
  const { name, type, shape, nbytes, offset } = tensor;
  const entry = { name, dtype: type.dtype, shape, nbytes, file, offset, facts: { ggml_type: type.name } };
  const packed = header.littleEndian ? undefined : swappedStorage(tensor, { index: file, name: source.name });
  return packed ? { ...entry, packed } : entry;
}

export async function openGGUF(source: FileSource): Promise<GGUFCheckpoint> {
  return new GGUFCheckpoint(source.path, await readParts(source));
}
