import { type Edit, type EditInput, editSchema, type TensorSourceName } from './edits.ts';

/** The file behind an open document and the name of one of its tensors there. Throws `NotFoundError`, `InvalidStateError`. */
export type StoredLookup = (document: string, tensor: string) => { readonly file: string; readonly tensor: string };

/** The edit with its defaults, and every open document that it names replaced by the file behind it. */
export function withFiles(input: EditInput, stored: StoredLookup): Edit {
  const edit = editSchema.parse(input);
  return mapSources(edit, ({ document, ...source }) =>
    document === undefined ? source : { ...source, ...stored(document, source.tensor) },
  );
}

/** The tensors that an edit takes values from. */
export function sourcesOf(edit: Edit): readonly TensorSourceName[] {
  const sources: TensorSourceName[] = [];
  mapSources(edit, (source) => {
    sources.push(source);
    return source;
  });
  return sources;
}

export function mapSources(edit: Edit, change: (source: TensorSourceName) => TensorSourceName): Edit {
  switch (edit.kind) {
    case 'copy':
      return { ...edit, source: change(edit.source) };
    case 'compute': {
      const sources = Object.entries(edit.sources).map(([alias, source]) => [alias, change(source)]);
      return { ...edit, sources: Object.fromEntries(sources) };
    }
    default:
      return edit;
  }
}
