import { NotFoundError } from '../../errors.ts';
import type { EditedFile, SelectEdit, SelectingEdit } from '../edits.ts';
import type { DocumentState } from '../state/document-state.ts';
import { selectTensors } from './select.ts';

/** Edits of what a query found. */
export interface Selected extends Pick<SelectEdit, 'query' | 'edits'> {
  /** Ids, which stay when an edit of them changes names. */
  readonly found: readonly number[];
  readonly edited: readonly EditedFile[];
}

/** The edit of those tensors alone that it selects and that were found. Throws `NotFoundError` where there are none. */
export function limitedTo(found: readonly number[], edit: SelectingEdit, now: DocumentState): SelectingEdit {
  const ids = new Set(found);
  const { select = '*' } = edit;
  const names = (select === '*' ? [...now.tensors()] : selectTensors(now, select))
    .filter(({ id }) => ids.has(id))
    .map(({ name }) => name);
  if (names.length > 0) return { ...edit, select: names };
  const what = typeof select === 'string' ? `'${select}'` : `The list of ${select.length} names`;
  throw new NotFoundError(`${what} matches none of the ${found.length} tensors that the query found.`);
}
