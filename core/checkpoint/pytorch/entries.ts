import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import { Turns } from '../turns.ts';
import { arrayEntry } from './array-entry.ts';
import type { EntryContext } from './entry-context.ts';
import { quantizedEntry } from './quantized-entry.ts';
import { sharingOf } from './sharing.ts';
import { sparseEntry } from './sparse-entry.ts';
import { packedView, viewBytes } from './storage-bytes.ts';
import type { StridedTensor } from './tensor.ts';
import { flagFacts, viewFacts } from './tensor-facts.ts';
import type { FoundTensor } from './walk.ts';

/**
 * What the checkpoint lists, in the order in which the pickle holds it. Tensors without values are not
 * among them: they show beside the tensors.
 *
 * @throws CheckpointFormatError where a storage is missing or too short, or a tensor leaves its storage.
 */
export async function entriesOf(found: readonly FoundTensor[], context: EntryContext): Promise<Entry[]> {
  const turns = new Turns();
  const sharing = await turns.run(sharingOf(found));
  const entries: Entry[] = [];
  for (const [index, tensor] of found.entries()) {
    if (turns.isDue) await turns.next();
    const entry = entryOf(tensor, context);
    if (!entry) continue;
    const shared = sharing.get(index);
    entries.push(shared ? { ...entry, storageGroup: shared.group, facts: { ...entry.facts, ...shared.facts } } : entry);
  }
  return entries;
}

function entryOf({ name, value }: FoundTensor, context: EntryContext): Entry | undefined {
  switch (value.kind) {
    case 'strided':
      return stridedEntry(name, value, context);
    case 'quantized':
      return quantizedEntry(name, value, context);
    case 'sparse':
      return sparseEntry(name, value, context);
    case 'array':
      return arrayEntry(name, value, context);
    case 'valueless':
      return undefined;
  }
}

function stridedEntry(name: string, { view, flags }: StridedTensor, { records, name: file }: EntryContext): Entry {
  const { dtype, shape } = view;
  const bytes = viewBytes(view, records, file);
  const nbytes = bytesFor(dtype, elementCount(shape));
  const facts = { ...flagFacts(flags), ...viewFacts(view) };
  const entry = {
    name,
    dtype,
    shape,
    nbytes,
    file: bytes.file,
    offset: bytes.offset,
    ...(Object.keys(facts).length > 0 && { facts }),
  };
  if (flags.conjugated || flags.negated) {
    const { decoder: _strided, parameters } = packedView(bytes);
    const { conjugated, negated } = flags;
    return { ...entry, packed: { decoder: 'pytorch-signs', parameters: { ...parameters, conjugated, negated } } };
  }
  return bytes.plain ? entry : { ...entry, packed: packedView(bytes) };
}
