import { dirname, join } from 'node:path';
import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import { type GGUFHeader, readHeader } from './header.ts';

/** One file of a checkpoint in several. */
export interface GGUFPart {
  readonly source: FileSource;
  readonly header: GGUFHeader;
}

/** How llama.cpp names the parts of a model: `model-00001-of-00003.gguf`. */
const PART_NAME = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i;
/** Five digits could name more; nobody has so many, and each is opened. */
const MAX_PARTS = 10_000;

/**
 * All parts of the model that `first` is a part of, in order; `first` alone where it is whole.
 *
 * @throws FileAccessError where a part is missing, naming it.
 * @throws CheckpointFormatError where the parts do not belong together.
 */
export async function readParts(source: FileSource): Promise<GGUFPart[]> {
  const header = await readHeader(source);
  const count = numberOf(header, 'split.count') ?? 1;
  if (count <= 1) return [{ source, header }];
  const names = partNames(source, count);
  const parts: GGUFPart[] = [];
  for (const name of names) {
    const isOpen = name === source.name;
    const part = isOpen ? source : await source.beside(join(dirname(source.path), name));
    parts.push({ source: part, header: isOpen ? header : await readHeader(part) });
  }
  checkParts(parts);
  return parts;
}

function numberOf({ fields }: GGUFHeader, key: string): number | undefined {
  const field = fields.find((candidate) => candidate.key === key);
  return field && Number(field.text);
}

function partNames({ name }: FileSource, count: number): string[] {
  const match = PART_NAME.exec(name);
  const fail = (problem: string): never => {
    throw new CheckpointFormatError(`${name}: ${problem}`, { file: name });
  };
  if (count > MAX_PARTS) fail(`split.count is ${count}; more than ${MAX_PARTS} parts are not opened.`);
  const [, stem = '', , digits = ''] =
    match ??
    fail(`it is one of ${count} parts, but not named like "model-00001-of-00003.gguf": the others cannot be found.`);
  if (Number(digits) !== count) fail(`its name speaks of ${Number(digits)} parts, its metadata of ${count}.`);
  const ending = name.slice(-'.gguf'.length);
  return Array.from({ length: count }, (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${digits}${ending}`);
}

function checkParts(parts: readonly GGUFPart[]): void {
  const holders = new Map<string, string>();
  parts.forEach(({ source: { name }, header }, index) => {
    const fail = (problem: string): never => {
      throw new CheckpointFormatError(`${name}: ${problem}.`, { file: name });
    };
    const count = numberOf(header, 'split.count');
    if (count !== parts.length) fail(`it says to be one of ${count ?? 1} parts; there are ${parts.length}`);
    const number = numberOf(header, 'split.no');
    if (number !== index) fail(`it says to be part ${number} (counting from 0); by its name it is ${index}`);
    for (const tensor of header.tensors) {
      const other = holders.get(tensor.name);
      if (other !== undefined) fail(`tensor ${JSON.stringify(tensor.name)} is in ${other} as well`);
      holders.set(tensor.name, name);
    }
    const total = parts.reduce((sum, part) => sum + part.header.tensors.length, 0);
    const wanted = numberOf(header, 'split.tensors.count');
    if (wanted !== undefined && wanted !== total) {
      fail(`the parts should hold ${wanted} tensors together; they hold ${total}`);
    }
  });
}
