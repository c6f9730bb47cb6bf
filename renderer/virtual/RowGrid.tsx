import { type HTMLAttributes, type ReactNode, useId } from 'react';
import { indices } from './scaled-scroll.ts';
import type { VirtualRows } from './use-virtual-rows.ts';
import './row-grid.css';

interface RowGridProps
  extends Pick<
    HTMLAttributes<HTMLDivElement>,
    'aria-multiselectable' | 'onKeyDown' | 'onClick' | 'onDoubleClick' | 'onDragStart'
  > {
  readonly label: string;
  readonly columns: number;
  readonly rows: VirtualRows;
  /** The row that keys go to; -1 for none. */
  readonly active: number;
  /** Cells of role `columnheader`. */
  readonly header: ReactNode;
  /** The class of the header's row, which has the columns of the others. */
  readonly headerClass: string;
  /** A row on screen, with the id that it needs to be the active one. */
  readonly row: (index: number, id: string) => ReactNode;
}

/** A treegrid of as many rows as there are, under a header that stays. Its keys and clicks are for the caller. */
export function RowGrid({ label, columns, rows, active, header, headerClass, row, ...rest }: RowGridProps) {
  const id = useId();
  const { count, range, scroll } = rows;
  const isActiveOnScreen = active >= range.start && active < range.stop;
  return (
    <div className="row-scroller" ref={scroll.scrollerRef}>
      <div className="virtual-extent" style={{ height: scroll.extent.height }}>
        <div
          role="treegrid"
          aria-label={label}
          aria-rowcount={count + 1}
          aria-colcount={columns}
          aria-activedescendant={isActiveOnScreen ? `${id}-${active}` : undefined}
          tabIndex={0}
          className="row-grid virtual-layer"
          style={scroll.client}
          {...rest}
        >
          <div role="rowgroup" className="row-grid-header">
            <div role="row" aria-rowindex={1} className={`grid-row ${headerClass}`}>
              {header}
            </div>
          </div>
          <div role="rowgroup" className="row-grid-rows" style={{ transform: `translateY(${range.shift}px)` }}>
            {indices(range).map((index) => row(index, `${id}-${index}`))}
          </div>
        </div>
      </div>
    </div>
  );
}
