import type { FormatReader } from './format.ts';
import { safetensorsFormat, safetensorsIndexFormat } from './safetensors/formats.ts';

/** Every format that this version opens, in the order in which they are tried. */
export const FORMATS: readonly FormatReader[] = [safetensorsFormat, safetensorsIndexFormat];

/** `safetensors files (.safetensors) and sharded safetensors (.safetensors.index.json)`. */
export function readableFormats(): string {
  return FORMATS.map(({ label, extensions }) => `${label} (${extensions[0]})`).join(' and ');
}

/** The format that a file's name speaks for. */
export function formatByName(name: string): FormatReader | undefined {
  const lower = name.toLowerCase();
  return FORMATS.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)));
}
