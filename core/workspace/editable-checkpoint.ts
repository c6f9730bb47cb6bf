import { basename } from 'node:path';
import type { Checkpoint, WritableFormat } from '../checkpoint/checkpoint.ts';
import { mxnetFormat } from '../checkpoint/mxnet/formats.ts';
import { MXNetCheckpoint } from '../checkpoint/mxnet/reader.ts';
import { SafetensorsCheckpoint } from '../checkpoint/safetensors/reader.ts';
import { FileAccessError, InvalidArgumentError } from '../errors.ts';

/** A checkpoint of a format that can also be written. */
export type EditableCheckpoint = SafetensorsCheckpoint | MXNetCheckpoint;

/** Endings that promise another program something that Parascope does not write. */
const FOREIGN = /\.(gguf|ggml|pt|pth|bin|ckpt|pkl|pickle|onnx|h5|hdf5|keras|npy|npz|tflite|msgpack)$/;

/**
 * The format that the name of a file to be written speaks for: MXNet's endings for theirs, else
 * safetensors. @throws InvalidArgumentError for the ending of a format that is not written
 */
export function writableFormatOf(path: string): WritableFormat {
  const name = path.toLowerCase();
  if (FOREIGN.test(name)) {
    throw new InvalidArgumentError(
      `${basename(path)} has the ending of a format that this version does not write. Choose a name that ends in .safetensors or .params.`,
    );
  }
  return mxnetFormat.extensions.some((extension) => name.endsWith(extension)) ? 'mxnet' : 'safetensors';
}

/** The checkpoint, unless it can only be read: then it is closed. @throws FileAccessError */
export async function asEditable(checkpoint: Checkpoint): Promise<EditableCheckpoint> {
  if (checkpoint instanceof SafetensorsCheckpoint || checkpoint instanceof MXNetCheckpoint) return checkpoint;
  await checkpoint.close();
  throw new FileAccessError(`Files of format ${checkpoint.format} can be read but not edited.`);
}
