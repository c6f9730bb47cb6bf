import { type ChangeEvent, useRef } from 'react';
import { pasteTensors } from '../actions/move-tensors.ts';
import { formatCount, plural } from '../format/numbers.ts';
import { useMovingTensors } from '../store/moving-tensors.ts';
import { SORT_ORDERS, type SortOrder, useTreeView, useTreeViews } from '../store/tree-view.ts';
import { Progress } from '../tasks/TasksRegion.tsx';
import { FilterBox } from '../ui/FilterBox.tsx';
import { FilterHelp } from './FilterHelp.tsx';
import { groupPaths } from './flatten.ts';
import type { Search } from './use-search.ts';
import type { TreeRows } from './use-tree-rows.ts';

/** As many as the host takes. */
const MOST_CHARACTERS = 4096;

const SORT_LABELS: Readonly<Record<SortOrder, string>> = {
  file: 'File order',
  name: 'Name',
  size: 'Size',
  dtype: 'Type',
  kind: 'Kind',
};

interface TreeControlsProps {
  readonly document: string;
  readonly tree: TreeRows;
  readonly search: Search;
  readonly total: number;
  readonly onSelectAll: () => void;
}

/** Finds and orders the tensors of the tree. */
export function TreeControls({ document, tree, search, total, onSelectAll }: TreeControlsProps) {
  const view = useTreeView(document);
  const box = useRef<HTMLInputElement>(null);
  const canPaste = useMovingTensors((state) => state.copied !== null);
  const { update } = useTreeViews.getState();
  const setFilter = (filter: string): void => update(document, { filter });
  const onSort = (event: ChangeEvent<HTMLSelectElement>): void =>
    update(document, { sort: SORT_ORDERS.find((order) => order === event.target.value) ?? 'file' });
  const anyCollapsed = view.collapsed.size > 0;
  const toggleAll = (): void => update(document, { collapsed: anyCollapsed ? new Set() : groupPaths(tree.roots) });

  return (
    <div className="list-controls">
      <FilterBox
        boxRef={box}
        label="Filter tensors"
        placeholder="Filter: attn  dtype:bf16  size>100MB  nans>0"
        describedBy="tensor-filter-hint"
        maxLength={MOST_CHARACTERS}
        value={view.filter}
        onChange={setFilter}
      >
        <FilterHelp
          onChoose={(filter) => {
            setFilter(filter);
            box.current?.focus();
          }}
        />
      </FilterBox>
      {search.running && search.reading.total > 0 && (
        <div className="search-progress">
          <Progress title="Search" {...search.reading} />
          <button type="button" className="quiet" aria-label="Stop the search" onClick={search.stop}>
            Stop
          </button>
        </div>
      )}
      {search.problem !== null && (
        <p role="alert" className="filter-problem">
          {search.problem}
        </p>
      )}
      <div className="tree-tools">
        <span aria-live="polite" id="tensor-filter-hint" className="muted">
          {tree.matched === total
            ? plural(total, 'tensor')
            : `${formatCount(tree.matched)} of ${plural(total, 'tensor')}`}
        </span>
        <button type="button" className="quiet" disabled={view.filter.trim() !== ''} onClick={toggleAll}>
          {anyCollapsed ? 'Expand all' : 'Collapse all'}
        </button>
        {view.filter.trim() !== '' && tree.matched > 0 && (
          <button type="button" className="quiet" onClick={onSelectAll}>
            Select matches
          </button>
        )}
        {canPaste && (
          <button type="button" className="quiet" title="Ctrl+V in the tree" onClick={() => pasteTensors(document)}>
            Paste tensors
          </button>
        )}
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
