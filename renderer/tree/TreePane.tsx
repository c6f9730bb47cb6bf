import { type ChangeEvent, useEffect } from 'react';
import { edit } from '../actions/documents.ts';
import { loadListing } from '../actions/listings.ts';
import { reporting } from '../actions/report.ts';
import { EMPTY_LISTING, type Listing } from '../api/listing.ts';
import type { DocumentSummary } from '../contract.ts';
import { askToRename } from '../dialogs/requests.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { useListings } from '../store/listings.ts';
import { useSelection, useSelections } from '../store/selection.ts';
import { SORT_ORDERS, type SortOrder, useTreeView, useTreeViews } from '../store/tree-view.ts';
import { Icon } from '../ui/Icon.tsx';
import { groupPaths, type TreeRow, tensorsBelow } from './flatten.ts';
import { selectRows } from './select-rows.ts';
import { TensorTree, type TreeAction } from './TensorTree.tsx';
import { type TreeRows, useTreeRows } from './use-tree-rows.ts';

const SORT_LABELS: Readonly<Record<SortOrder, string>> = {
  file: 'File order',
  name: 'Name',
  size: 'Size',
  dtype: 'Type',
  kind: 'Kind',
};

/** The left side of a document: find, order and choose its tensors. */
export function TreePane({ document }: { readonly document: DocumentSummary }) {
  const known = useListings((state) => state.byDocument[document.id]);
  const listing = known?.listing ?? EMPTY_LISTING;
  useEffect(() => {
    const controller = new AbortController();
    void reporting(() => loadListing(document.id, document.listingRevision, controller.signal));
    return () => controller.abort();
  }, [document.id, document.listingRevision]);

  const view = useTreeView(document.id);
  const tree = useTreeRows(listing, view);
  const selection = useSelection(document.id);
  const onAction = (action: TreeAction): void => runTreeAction(action, { document: document.id, listing, tree });

  return (
    <nav className="tree-pane" aria-label="Tensors of the checkpoint">
      <TreeControls document={document.id} tree={tree} total={listing.count} />
      <TensorTree
        key={document.id}
        listing={listing}
        rows={tree.rows}
        collapsed={view.filter.trim() === '' ? view.collapsed : NOTHING_COLLAPSED}
        selected={selection.ids}
        shown={selection.shown}
        onAction={onAction}
      />
      {known && tree.rows.length === 0 && <EmptyTree document={document.id} total={listing.count} />}
    </nav>
  );
}

const NOTHING_COLLAPSED: ReadonlySet<string> = new Set();

interface TreeControlsProps {
  readonly document: string;
  readonly tree: TreeRows;
  readonly total: number;
}

function TreeControls({ document, tree, total }: TreeControlsProps) {
  const view = useTreeView(document);
  const { update } = useTreeViews.getState();
  const onFilter = (event: ChangeEvent<HTMLInputElement>): void => update(document, { filter: event.target.value });
  const onSort = (event: ChangeEvent<HTMLSelectElement>): void =>
    update(document, { sort: SORT_ORDERS.find((order) => order === event.target.value) ?? 'file' });
  const anyCollapsed = view.collapsed.size > 0;
  const toggleAll = (): void => update(document, { collapsed: anyCollapsed ? new Set() : groupPaths(tree.roots) });

  return (
    <div className="tree-controls">
      <div className="filter-box">
        <Icon name="search" />
        <input
          type="search"
          id="tensor-filter"
          aria-label="Filter tensors"
          aria-describedby="tensor-filter-hint"
          placeholder="Filter: attn  dtype:bf16  shape:4096  size>100MB"
          autoComplete="off"
          spellCheck={false}
          value={view.filter}
          onChange={onFilter}
        />
      </div>
      <div className="tree-tools">
        <span aria-live="polite" id="tensor-filter-hint" className={tree.problems.length > 0 ? 'warning' : 'muted'}>
          {tree.problems[0] ??
            (tree.matched === total
              ? plural(total, 'tensor')
              : `${formatCount(tree.matched)} of ${plural(total, 'tensor')}`)}
        </span>
        <button type="button" className="quiet" disabled={view.filter.trim() !== ''} onClick={toggleAll}>
          {anyCollapsed ? 'Expand all' : 'Collapse all'}
        </button>
        <label className="inline-field">
          <span>Sort</span>
          <select value={view.sort} onChange={onSort} aria-label="Sort tensors by">
            {SORT_ORDERS.map((order) => (
              <option key={order} value={order}>
                {SORT_LABELS[order]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}

function EmptyTree({ document, total }: { readonly document: string; readonly total: number }) {
  if (total === 0) return <p className="empty">This checkpoint holds no tensors.</p>;
  return (
    <div className="empty">
      <p>No tensor matches the filter.</p>
      <button type="button" onClick={() => useTreeViews.getState().update(document, { filter: '' })}>
        Clear the filter
      </button>
    </div>
  );
}

interface TreeContext {
  readonly document: string;
  readonly listing: Listing;
  readonly tree: TreeRows;
}

function runTreeAction(action: TreeAction, { document, listing, tree }: TreeContext): void {
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
  }
}

function askToRenameRow(document: string, row: TreeRow | undefined): void {
  if (row) askToRename(document, row.node);
}

/** Deletes the selection where the row belongs to it, else the row alone. Undo brings it back. */
function deleteRow(document: string, listing: Listing, row: TreeRow | undefined): void {
  if (!row) return;
  const positions = tensorsBelow(row.node);
  const selected = useSelections.getState().byDocument[document]?.ids ?? new Set();
  const inSelection = positions.every((position) => selected.has(listing.ids[position] ?? -1));
  const names = inSelection
    ? listing.names.filter((_, position) => selected.has(listing.ids[position] ?? -1))
    : positions.map((position) => listing.names[position] ?? '');
  void reporting(() => edit(document, { kind: 'delete', select: names }));
}
