import type { Checkpoint, WritableFormat } from '../../checkpoint/checkpoint.ts';
import type { FormatWriter } from './format-writer.ts';
import { flaxWriter } from './writers/flax.ts';
import { ggufWriter } from './writers/gguf.ts';
import { hdf5Writer, kerasWriter } from './writers/hdf5.ts';
import { mxnetWriter } from './writers/mxnet.ts';
import { npyWriter } from './writers/npy.ts';
import { npzWriter } from './writers/npz.ts';
import { onnxWriter } from './writers/onnx.ts';
import { pytorchWriter } from './writers/pytorch.ts';
import { safetensorsWriter } from './writers/safetensors.ts';
import { tfjsWriter } from './writers/tfjs.ts';

/** Every format that this version writes. */
export const WRITERS: readonly FormatWriter[] = [
  safetensorsWriter,
  pytorchWriter,
  npzWriter,
  npyWriter,
  ggufWriter,
  mxnetWriter,
  flaxWriter,
  tfjsWriter,
  hdf5Writer,
  onnxWriter,
  kerasWriter,
];

const BY_FORMAT = new Map(WRITERS.map((writer) => [writer.format, writer]));

export function writerOf(format: WritableFormat): FormatWriter {
  const writer = BY_FORMAT.get(format);
  if (!writer) throw new TypeError(`Nothing writes ${format}.`);
  return writer;
}

/** Who can save `checkpoint` where it lies; undefined for a format that can only be read. */
export function ownWriter(checkpoint: Checkpoint): FormatWriter | undefined {
  return WRITERS.find((writer) => writer.writes(checkpoint));
}
