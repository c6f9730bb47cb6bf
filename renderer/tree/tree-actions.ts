import { edit } from '../actions/documents.ts';
import { dragOut } from '../actions/drag-out.ts';
import { copyTensors, pasteTensors } from '../actions/move-tensors.ts';
import { reporting } from '../actions/report.ts';
import type { Listing } from '../api/listing.ts';
import { askToRename } from '../dialogs/requests.ts';
import { useSelections } from '../store/selection.ts';
import { useTreeViews } from '../store/tree-view.ts';
import { type TreeRow, tensorsBelow } from './flatten.ts';
import { selectRows } from './select-rows.ts';
import type { TreeAction } from './use-tree-focus.ts';
import type { TreeRows } from './use-tree-rows.ts';

interface TreeContext {
  readonly document: string;
  readonly listing: Listing;
  readonly tree: TreeRows;
}

/** Does what the user asked of the tree. */
export function runTreeAction(action: TreeAction, { document, listing, tree }: TreeContext): void {
  const { select } = useSelections.getState();
  switch (action.kind) {
    case 'select': {
      const before = useSelections.getState().byDocument[document];
      select(document, selectRows(action, { rows: tree.rows, ids: listing.ids, before }));
      return;
    }
    case 'select-all': {
      const ids = tree.roots.flatMap(tensorsBelow).map((position) => listing.ids[position] ?? -1);
      select(document, { ids: new Set(ids), shown: ids.length === 1 ? (ids[0] ?? null) : null });
      return;
    }
    case 'collapse':
    case 'expand': {
      const collapsed = new Set(useTreeViews.getState().byDocument[document]?.collapsed);
      if (action.kind === 'collapse') collapsed.add(action.path);
      else collapsed.delete(action.path);
      useTreeViews.getState().update(document, { collapsed });
      return;
    }
    case 'rename':
      askToRenameRow(document, tree.rows[action.row]);
      return;
    case 'delete':
      deleteRow(document, listing, tree.rows[action.row]);
      return;
    case 'copy':
      copyTensors({ document, ids: chosenIds(document, listing, tree.rows[action.row]) });
      return;
    case 'paste':
      pasteTensors(document);
      return;
    case 'drag-out':
      void dragOut({
        document,
        tensors: chosenIds(document, listing, tree.rows[action.row]),
        format: action.format,
      });
  }
}

function askToRenameRow(document: string, row: TreeRow | undefined): void {
  if (row) askToRename(document, row.node);
}

/** Deletes what the row stands for. Undo brings it back. */
function deleteRow(document: string, listing: Listing, row: TreeRow | undefined): void {
  if (!row) return;
  const names = chosenBy(document, listing, row).map((position) => listing.names[position] ?? '');
  void reporting(() => edit(document, { kind: 'delete', select: names }));
}

function chosenIds(document: string, listing: Listing, row: TreeRow | undefined): number[] {
  return chosenBy(document, listing, row).map((position) => listing.ids[position] ?? -1);
}

/** Positions of the selected tensors where the row belongs to the selection, else those of the row alone. */
function chosenBy(document: string, listing: Listing, row: TreeRow | undefined): readonly number[] {
  if (!row) return [];
  const positions = tensorsBelow(row.node);
  const selected = useSelections.getState().byDocument[document]?.ids ?? new Set();
  const isSelected = (position: number): boolean => selected.has(listing.ids[position] ?? -1);
  return positions.every(isSelected) ? [...listing.names.keys()].filter(isSelected) : positions;
}
