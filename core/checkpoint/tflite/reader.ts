import type { FileSource } from '../byte-source.ts';
import type { ValueNode } from '../checkpoint.ts';
import { PagedBytes } from '../paged-bytes.ts';
import { ParsedCheckpoint } from '../parsed-checkpoint.ts';
import { jsonNode } from '../value-text.ts';
import { type Model, readModel } from './model.ts';
import { tensorsOf } from './tensors.ts';

export async function openTflite(source: FileSource): Promise<ParsedCheckpoint> {
  const bytes = new PagedBytes(source);
  const model = await readModel(bytes);
  return new ParsedCheckpoint({
    format: 'tflite',
    path: source.path,
    sources: [source],
    metadata: metadataOf(model),
    values: graphsOf(model),
    ...tensorsOf(bytes, model),
  });
}

function metadataOf({ version, description, metadata }: Model): Record<string, string> {
  const texts = metadata.map(({ name, text }) => [name, text] as const);
  return { version: String(version), ...(description && { description }), ...Object.fromEntries(texts) };
}

function graphsOf({ subgraphs }: Model): ValueNode[] {
  return [jsonNode('subgraphs', subgraphs)];
}
