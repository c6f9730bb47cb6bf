import type { CheckpointFormat } from './checkpoint.ts';
import { flaxFormat } from './flax/formats.ts';
import type { FormatReader } from './format.ts';
import { ggufFormat } from './gguf/formats.ts';
import { hdf5Format } from './hdf5/formats.ts';
import { kerasFormat } from './keras/formats.ts';
import { mxnetFormat } from './mxnet/formats.ts';
import { npyFormat, npzFormat } from './numpy/formats.ts';
import { onnxFormat } from './onnx/formats.ts';
import { torchFormat, torchIndexFormat } from './pytorch/formats.ts';
import { safetensorsFormat, safetensorsIndexFormat } from './safetensors/formats.ts';
import { tensorflowFormat } from './tensorflow/formats.ts';
import { tfjsFormat } from './tfjs/formats.ts';
import { tfliteFormat } from './tflite/formats.ts';

/** Every format that this version opens, in the order in which they are tried. */
export const FORMATS: readonly FormatReader[] = [
  safetensorsFormat,
  torchIndexFormat,
  safetensorsIndexFormat,
  mxnetFormat,
  npyFormat,
  npzFormat,
  tfjsFormat,
  flaxFormat,
  ggufFormat,
  hdf5Format,
  kerasFormat,
  tfliteFormat,
  tensorflowFormat,
  torchFormat,
  onnxFormat,
];

/** `safetensors files (.safetensors), … and MXNet parameter files (.params)`. */
export function readableFormats(): string {
  const names = FORMATS.map(({ label, extensions }) => `${label} (${extensions[0]})`);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** For people: "NumPy arrays". */
export function labelOf(format: CheckpointFormat): string {
  return FORMATS.find((reader) => reader.format === format)?.label ?? format;
}

/** The format that a file's name speaks for. */
export function formatByName(name: string): FormatReader | undefined {
  const lower = name.toLowerCase();
  return FORMATS.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)));
}
