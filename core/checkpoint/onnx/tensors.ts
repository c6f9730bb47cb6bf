import type { PackedStorage } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import type { WireReader } from '../protobuf/wire-reader.ts';
import { Turns } from '../turns.ts';
import { clippedText, MAX_TEXT, MAX_TEXT_BYTES } from '../value-text.ts';
import { STRING_TYPE } from './data-types.ts';
import type { ExternalFiles } from './external-files.ts';
import type { FoundTensor } from './graph.ts';
import { type PlacedTensor, placeTensor } from './placement.ts';
import { placeSparse } from './sparse-placement.ts';

/** What a model holds, as a checkpoint lists it. */
export interface ListedTensors {
  readonly entries: readonly Entry[];
  readonly others: readonly OtherArray[];
  /** What each entry is in the model; parallel to `entries`. */
  readonly found: readonly FoundTensor[];
}

interface Context {
  readonly reader: WireReader;
  readonly files: ExternalFiles;
}

/** Finds the elements of every tensor. Names that several could bear go to the first; the others take their next. */
export async function listTensors(tensors: readonly FoundTensor[], context: Context): Promise<ListedTensors> {
  const turns = new Turns();
  const names = await turns.run(namesOf(tensors));
  const entries: Entry[] = [];
  const others: OtherArray[] = [];
  const listed: FoundTensor[] = [];
  for (const [index, found] of tensors.entries()) {
    if (turns.isDue) await turns.next();
    const name = names[index] ?? '';
    if (found.message.dataType === STRING_TYPE && !found.sparse) {
      others.push({ ...(await describeStrings(found, context, name)), name, before: entries.length });
      continue;
    }
    const entry = entryOf(found, context, name);
    entries.push(entry instanceof Promise ? await entry : entry);
    listed.push(found);
  }
  return { entries, others, found: listed };
}

/** Initializers of the model's own graph keep their names whatever else is called so. */
function* namesOf(tensors: readonly FoundTensor[]): Generator<void, string[]> {
  const names = new Array<string>(tensors.length).fill('');
  const taken = new Set<string>();
  const give = (index: number, candidates: readonly string[]): void => {
    const name = candidates.find((candidate) => !taken.has(candidate)) ?? candidates.at(-1) ?? '';
    taken.add(name);
    names[index] = name;
  };
  const isOuter = ({ where }: FoundTensor): boolean => where === 'graph.initializer';
  for (const outer of [true, false]) {
    for (const [index, tensor] of tensors.entries()) {
      if (isOuter(tensor) === outer) give(index, tensor.names);
      yield;
    }
  }
  return names;
}

/** A promise only of what lies in several places or files: most of a hundred thousand tensors do not. */
function entryOf(found: FoundTensor, context: Context, name: string): Entry | Promise<Entry> {
  const what = `tensor ${JSON.stringify(name)}`;
  if (found.sparse) return sparseEntryOf(found, found.sparse, { context, name, what });
  const placed = placeTensor(context.reader, found.message, { what, files: context.files });
  return placed instanceof Promise
    ? placed.then((place) => denseEntry(found, place, name))
    : denseEntry(found, placed, name);
}

async function sparseEntryOf(
  found: FoundTensor,
  parts: NonNullable<FoundTensor['sparse']>,
  { context, name, what }: { readonly context: Context; readonly name: string; readonly what: string },
): Promise<Entry> {
  const sparse = await placeSparse(context.reader, found.message, { ...parts, what, files: context.files });
  return { name, ...sparse.entry, facts: factsOf(found, sparse.facts) };
}

function denseEntry(found: FoundTensor, placed: PlacedTensor, name: string): Entry {
  const { type, shape, nbytes, file, offset } = placed;
  const packed = packedOf(placed);
  const facts = factsOf(found, { onnx_type: type.name, stored: placed.stored });
  return { name, dtype: type.dtype, shape, nbytes, file, offset, ...(packed && { packed }), facts };
}

export function packedOf({ typed }: PlacedTensor): PackedStorage | undefined {
  return typed && { decoder: 'onnx-typed', parameters: typed };
}

function factsOf(
  { where, scope, value }: FoundTensor,
  facts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const users = value === '' ? [] : scope.usersOf(value);
  return { ...facts, where, ...(users.length > 0 && { used_by: users.join(', ') }) };
}

type Strings = Omit<OtherArray, 'name' | 'before'>;

async function describeStrings({ message }: FoundTensor, { reader }: Context, name: string): Promise<Strings> {
  const { strings, dims, start } = message;
  const what = `tensor ${JSON.stringify(name)}`;
  if (message.isExternal || message.raw) reader.fail(`${what} holds strings, which only string_data can`, start);
  const count = elementCount(dims);
  if (strings.length !== count) reader.fail(`${what} should hold ${count} strings, but has ${strings.length}`, start);
  const shown: string[] = [];
  let length = 0;
  for (const span of strings) {
    if (length > MAX_TEXT) break;
    const stop = Math.min(span.stop, span.start + MAX_TEXT_BYTES);
    const text = await reader.run(reader.bytes({ start: span.start, stop }, what));
    shown.push(JSON.stringify(text.toString('utf8')));
    length += shown.at(-1)?.length ?? 0;
  }
  const nbytes = strings.reduce((sum, span) => sum + span.stop - span.start, 0);
  const more = shown.length < strings.length ? ', …' : '';
  return { dtype: 'string', shape: dims, nbytes, text: clippedText(`[${shown.join(', ')}${more}]`) };
}
