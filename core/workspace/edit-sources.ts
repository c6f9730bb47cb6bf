import type { FileStamp } from '../ndarray/lazy-tensor.ts';
import type { Edit, EditedFile, EditOf, EditRequest, SelectingEdit, SingleEdit, TensorSourceName } from './edits.ts';

/** Where a tensor of an open document is found without the document. */
export interface StoredTensor {
  readonly file: string;
  /** Its name in the file; where edits make its value the one that they leave it with. */
  readonly tensor: string;
  /** The edits that make its value, where it is not as it is stored. */
  readonly edited?: EditedFile;
}

/** Looks for a tensor of an open document by the document's id. Throws `NotFoundError`. */
export type StoredLookup = (document: string, tensor: string) => StoredTensor;

export interface ResolvedRequest {
  readonly request: EditRequest;
  /** The files that sources speak of by number. */
  readonly edited: readonly EditedFile[];
}

/** Every open document that the edit names replaced by the file behind it, and the edits of it that are not saved. */
export function withFiles(edit: EditRequest, stored: StoredLookup): ResolvedRequest {
  const edited: EditedFile[] = edit.kind === 'batch' ? [...(edit.edited ?? [])] : [];
  const byDocument = new Map<string, number>();
  const request = mapSources(edit, ({ document, ...source }) => {
    if (document === undefined) return source;
    const { file, tensor, edited: made } = stored(document, source.tensor);
    if (!made) return { ...source, file, tensor };
    const known = byDocument.get(document) ?? edited.push(made) - 1;
    byDocument.set(document, known);
    return { ...source, file, tensor, edited: known };
  });
  return { request, edited };
}

/** An edit that can be replayed: what is taken from edited files is in a batch, which holds those edits. */
export function selfContained(
  edit: Exclude<EditRequest, { readonly kind: 'select' }>,
  edited: readonly EditedFile[],
): Edit {
  if (edited.length === 0) return edit;
  const own = [...edited];
  return edit.kind === 'batch' ? { ...edit, edited: own } : { kind: 'batch', edits: [edit], edited: own };
}

/** Whether the edit names files on the disk of the host. */
export function namesFiles(edit: EditRequest): boolean {
  let isNamed = false;
  mapPlaces(edit, (place) => {
    isNamed ||= place.file !== undefined;
    return place;
  });
  return isNamed;
}

/** A file that an edit takes values from, and the state that it was in. */
interface Place {
  readonly file?: string | undefined;
  readonly stamp?: FileStamp | undefined;
}

export function mapPlaces(edit: EditRequest, change: (place: Place) => Place): EditRequest {
  const mapped = mapSources(edit, (source) => ({ ...source, ...change({ file: source.file, stamp: source.stamp }) }));
  if (mapped.kind !== 'batch' || !mapped.edited) return mapped;
  const edited = mapped.edited.map(({ file, stamp, edits }) => {
    const place = change({ file, stamp });
    return {
      file: place.file ?? file,
      stamp: place.stamp,
      edits: edits.map((inner) => mapPlaces(inner, change) as Edit),
    };
  });
  return { ...mapped, edited };
}

type SourceChange = (source: TensorSourceName) => TensorSourceName;

function mapSources(edit: EditRequest, change: SourceChange): EditRequest {
  switch (edit.kind) {
    case 'batch':
      return { ...edit, edits: edit.edits.map((inner) => mapped(inner, change)) };
    case 'select':
      return { ...edit, edits: edit.edits.map((inner) => mappedSelecting(inner, change)) };
    default:
      return mapped(edit, change);
  }
}

function mapped(edit: SingleEdit, change: SourceChange): SingleEdit {
  switch (edit.kind) {
    case 'copy':
      return { ...edit, source: change(edit.source) };
    case 'compute':
      return mappedCompute(edit, change);
    default:
      return edit;
  }
}

function mappedSelecting(edit: SelectingEdit, change: SourceChange): SelectingEdit {
  return edit.kind === 'compute' ? mappedCompute(edit, change) : edit;
}

function mappedCompute(edit: EditOf<'compute'>, change: SourceChange): EditOf<'compute'> {
  const sources = Object.entries(edit.sources).map(([alias, source]) => [alias, change(source)]);
  return { ...edit, sources: Object.fromEntries(sources) };
}
