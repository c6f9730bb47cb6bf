import { basename } from 'node:path';
import type { Checkpoint, WritableFormat } from '../checkpoint/checkpoint.ts';
import { labelOf } from '../checkpoint/formats.ts';
import { InvalidArgumentError } from '../errors.ts';
import { ownWriter, WRITERS } from './save/writers.ts';
import type { WrittenFormat } from './summary.ts';

/** Endings that promise another program something that is not written here, whether it can be read or not. */
const FOREIGN = /\.(gguf|ggml|pt|pth|bin|ckpt|pkl|pickle|onnx|h5|hdf5|keras|npy|npz|tflite|msgpack|pb|mlmodel)$/;

/**
 * The format that the name of a file to be written speaks for; safetensors where it speaks for none.
 *
 * @throws InvalidArgumentError for the ending of a format that is not written
 */
export function writableFormatOf(path: string): WritableFormat {
  const format = formatOfEnding(path);
  if (format) return format;
  if (FOREIGN.test(path.toLowerCase())) {
    throw new InvalidArgumentError(
      `${basename(path)} has the ending of a format that this version does not write. Choose a name that ends in ${writableEndings()}.`,
    );
  }
  return 'safetensors';
}

/** The format whose files have names like `path`; undefined where none is written under such a name. */
export function formatOfEnding(path: string): WritableFormat | undefined {
  const name = path.toLowerCase();
  return WRITERS.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)))?.format;
}

/** The format that users call `name`: by its own name (`pytorch`) or by an ending without the dot (`pt`). */
export function formatOfName(name: string): WritableFormat | undefined {
  return WRITERS.find(({ format }) => format === name)?.format ?? formatOfEnding(`.${name}`);
}

/** `.safetensors or .params`: the usual ending of each format that is written. */
export function writableEndings(): string {
  const endings = WRITERS.flatMap(({ extensions }) => extensions.slice(0, 1));
  return `${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}`;
}

/** What files can be written as, for a choice: each format with its label and the endings of its names, the usual one first. */
export function writtenFormats(): readonly WrittenFormat[] {
  const named = WRITERS.filter(({ extensions }) => extensions.length > 0);
  return named.map(({ format, label, extensions }) => ({ format, label, extensions }));
}

/** Why `checkpoint` cannot be saved where it lies, as a sentence; null where its format is written. */
export function readOnlyReason(checkpoint: Checkpoint): string | null {
  if (ownWriter(checkpoint)) return null;
  return `This version reads ${labelOf(checkpoint.format)} but does not write them: Save as writes a file that ends in ${writableEndings()}.`;
}

/** What Save as proposes for a document called `name`: a checkpoint of several files becomes one, a format that is not written safetensors. */
export function saveAsName(name: string, checkpoint: Checkpoint): string {
  const stem = name.replace(/\.index\.json$/, '');
  if (ownWriter(checkpoint)?.extensions.length) return stem;
  return `${stem.replace(/(?<=.)\.[^.]*$/, '')}.safetensors`;
}
