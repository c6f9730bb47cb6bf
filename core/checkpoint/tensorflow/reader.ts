import { basename } from 'node:path';
import { CheckpointFormatError, FileAccessError } from '../../errors.ts';
import { FileSource } from '../byte-source.ts';
import type { OtherArray, ValueNode } from '../checkpoint.ts';
import { PagedBytes } from '../paged-bytes.ts';
import { ParsedCheckpoint } from '../parsed-checkpoint.ts';
import { readBundleIndex } from './bundle.ts';
import { layOutBundle } from './entries.ts';
import { prefixOf, Shards } from './shards.ts';

/** What TensorFlow keeps of the objects that a checkpoint was made of: no array of the model. */
const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** Opens a checkpoint by its index, or by one of the data files beside the index. */
export async function openTensorflow(source: FileSource): Promise<ParsedCheckpoint> {
  const index = source.name.endsWith('.index') ? source : await indexOf(source);
  const bytes = new PagedBytes(index);
  const bundle = await readBundleIndex(bytes);
  const shards = new Shards(index, bundle.header.shards);
  const { entries, others } = await layOutBundle(bytes, bundle, shards);
  const graph = others.filter(({ name }) => name === OBJECT_GRAPH);
  return new ParsedCheckpoint({
    format: 'tf-checkpoint',
    path: index.path,
    sources: shards.sources,
    metadata: { 'data files': String(bundle.header.shards) },
    entries,
    others: others.filter((other) => !graph.includes(other)),
    values: graph.map(graphNode),
  });
}

async function indexOf(data: FileSource): Promise<FileSource> {
  const path = `${prefixOf(data.path)}.index`;
  try {
    return await FileSource.open(path);
  } catch (error) {
    if (!(error instanceof FileAccessError)) throw error;
    throw new CheckpointFormatError(
      `${data.name} holds the values of a TensorFlow checkpoint, but their index ${basename(path)} is missing. Put it beside.`,
      { file: data.name },
    );
  }
}

function graphNode({ name, nbytes }: OtherArray): ValueNode {
  return { key: name, kind: 'bytes', type: 'TrackableObjectGraph', text: `${nbytes} bytes` };
}
