import type { FileSource } from './byte-source.ts';
import type { Checkpoint, CheckpointFormat } from './checkpoint.ts';

/** A format that can be opened; each lives in a folder of its own and is listed in `formats.ts`. */
export interface FormatReader {
  readonly format: CheckpointFormat;
  /** For people: "safetensors files". */
  readonly label: string;
  /** Endings of file names, with the dot. They decide only where the content does not. */
  readonly extensions: readonly string[];
  /** Whether the first bytes of a file (up to 64 KiB), with its name, are of this format beyond doubt. */
  recognizes(head: Buffer, name: string): boolean;
  /** `known` are checkpoints whose structure need not be parsed again where the file's is the same. */
  open(source: FileSource, known?: readonly Checkpoint[]): Promise<Checkpoint>;
}
