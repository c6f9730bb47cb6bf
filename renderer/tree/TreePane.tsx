import { useEffect } from 'react';
import { loadListing } from '../actions/listings.ts';
import { reporting } from '../actions/report.ts';
import { EMPTY_LISTING } from '../api/listing.ts';
import type { DocumentSummary } from '../contract.ts';
import { useListings } from '../store/listings.ts';
import { useSelection } from '../store/selection.ts';
import { useTreeView, useTreeViews } from '../store/tree-view.ts';
import { plainWords } from './filter.ts';
import { TensorTree } from './TensorTree.tsx';
import { TreeControls } from './TreeControls.tsx';
import { runTreeAction } from './tree-actions.ts';
import { useSearch } from './use-search.ts';
import type { TreeAction } from './use-tree-focus.ts';
import { useTreeRows } from './use-tree-rows.ts';
import { noteVisible } from './visible-tensors.ts';

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
  const search = useSearch(document, plainWords(view.filter) === null ? view.filter : null);
  const tree = useTreeRows(listing, view, search.found);
  const selection = useSelection(document.id);
  const onAction = (action: TreeAction): void => runTreeAction(action, { document: document.id, listing, tree });

  return (
    <nav className="list-pane" aria-label="Tensors of the checkpoint">
      <TreeControls
        document={document.id}
        tree={tree}
        search={search}
        total={listing.count}
        onSelectAll={() => onAction({ kind: 'select-all' })}
      />
      <TensorTree
        key={document.id}
        document={document.id}
        listing={listing}
        rows={tree.rows}
        collapsed={view.filter.trim() === '' ? view.collapsed : NOTHING_COLLAPSED}
        selected={selection.ids}
        shown={selection.shown}
        onVisible={(rows) => noteVisible(document.id, listing, rows)}
        onAction={onAction}
      />
      {known && tree.rows.length === 0 && !search.running && <EmptyTree document={document.id} total={listing.count} />}
    </nav>
  );
}

const NOTHING_COLLAPSED: ReadonlySet<string> = new Set();

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
