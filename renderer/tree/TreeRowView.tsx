import { memo } from 'react';
import { type Listing, shapeOf } from '../api/listing.ts';
import { formatBytes, formatCount, formatShape, plural } from '../format/numbers.ts';
import { labelOf, type TreeNode } from './build-tree.ts';
import { FindingBadges } from './FindingBadges.tsx';
import type { TreeRow } from './flatten.ts';
import { KIND_GLYPHS, kindOf } from './kind.ts';

interface TreeRowViewProps {
  readonly document: string;
  readonly id: string;
  readonly index: number;
  readonly row: TreeRow;
  readonly listing: Listing;
  readonly expanded: boolean;
  readonly active: boolean;
  readonly selected: boolean;
}

export const TreeRowView = memo(function TreeRowView(props: TreeRowViewProps) {
  const { document, id, index, row, listing, expanded, active, selected } = props;
  const { node } = row;
  const isGroup = node.children.length > 0;
  const shape = isGroup ? '' : formatShape(shapeOf(listing, node.tensor));
  const className = `grid-row tree-row${active ? ' active' : ''}${isGroup ? ' group' : ''}`;
  return (
    <div
      role="row"
      id={id}
      data-row={index}
      draggable
      className={className}
      aria-label={isGroup ? `${node.path}, group of ${plural(node.tensors, 'tensor')}` : node.path}
      aria-rowindex={index + 2}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.setSize}
      aria-selected={selected}
      {...(isGroup ? { 'aria-expanded': expanded } : {})}
    >
      <span role="gridcell" className="tree-name" style={{ paddingInlineStart: (row.level - 1) * 12 }}>
        <span className={isGroup ? (expanded ? 'twisty-open' : 'twisty-closed') : 'twisty-none'} aria-hidden="true" />
        {!isGroup && <KindBadge node={node} listing={listing} />}
        <span className="tree-label" title={node.path}>
          {labelOf(node)}
        </span>
        {!isGroup && <FindingBadges document={document} tensor={listing.ids[node.tensor] ?? -1} />}
        {!isGroup && listing.tied[node.tensor] === 1 && <TiedBadge />}
        {isGroup && <span className="tree-count">{formatCount(node.tensors)}</span>}
      </span>
      <span role="gridcell" className="tree-shape" title={shape}>
        {shape}
      </span>
      <span role="gridcell" className="tree-dtype" title={node.dtype ?? ''}>
        {node.dtype ?? 'mixed'}
      </span>
      <span role="gridcell" className="number" title={`${formatCount(node.bytes)} bytes`}>
        {formatBytes(node.bytes)}
      </span>
    </div>
  );
});

function TiedBadge() {
  return (
    <span className="tree-tied" title="Tied: the same elements as another tensor">
      tied
    </span>
  );
}

function KindBadge({ node, listing }: { readonly node: TreeNode; readonly listing: Listing }) {
  const kind = kindOf(node.path, shapeOf(listing, node.tensor));
  return (
    <span className={`kind kind-${kind}`} title={kind}>
      <span aria-hidden="true">{KIND_GLYPHS[kind]}</span>
      <span className="visually-hidden">{kind}</span>
    </span>
  );
}
