import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react';
import type { DocumentValues, OtherValue } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { canExpand, type ValueRow, valueRows, valueTreeCommand } from './value-rows.ts';

/** The values beside the tensors as a tree; closed at first. */
export function ValueTree({ values }: { readonly values: DocumentValues }) {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [activePath, setActivePath] = useState('/0');
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => valueRows({ children: values.values, left: values.left }, expanded), [values, expanded]);
  const active = Math.max(
    0,
    rows.findIndex(({ path }) => path === activePath),
  );

  const toggle = (path: string): void =>
    setExpanded((known) => {
      const next = new Set(known);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  const items = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])];
  const focus = (index: number): void => {
    const row = rows[index];
    if (!row) return;
    setActivePath(row.path);
    items()[index]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const command = valueTreeCommand(event.key, { rows, active, expanded });
    if (!command) return;
    event.preventDefault();
    if (command.kind === 'move') focus(command.to);
    else toggle(command.path);
  };

  const onClick = ({ target }: MouseEvent): void => {
    const item = target instanceof Element ? target.closest<HTMLElement>('[role=treeitem]') : null;
    const index = item ? items().indexOf(item) : -1;
    const row = rows[index];
    if (!row) return;
    focus(index);
    if (canExpand(row)) toggle(row.path);
  };

  return (
    <div
      role="tree"
      aria-label="Other values"
      className="value-tree"
      ref={list}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      {rows.map((row, i) => (
        <ValueItem key={row.path} row={row} isExpanded={expanded.has(row.path)} isActive={i === active} />
      ))}
    </div>
  );
}

interface ValueItemProps {
  readonly row: ValueRow;
  readonly isExpanded: boolean;
  readonly isActive: boolean;
}

function ValueItem({ row, isExpanded, isActive }: ValueItemProps) {
  const { value, depth, left } = row;
  return (
    <div
      role="treeitem"
      aria-level={depth}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-expanded={canExpand(row) ? isExpanded : undefined}
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      className="value-row"
      style={{ paddingInlineStart: depth * 16 }}
    >
      {value ? <ValueText value={value} /> : <span className="muted">and {plural(left, 'more value')}</span>}
    </div>
  );
}

function ValueText({ value }: { readonly value: OtherValue }) {
  return (
    <>
      <span className="value-key mono">{value.key}</span>
      <span className="value-text mono">{value.text}</span>
      {value.type !== null && <span className="value-type muted">{value.type}</span>}
    </>
  );
}
