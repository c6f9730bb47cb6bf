import { type ReactNode, useEffect, useRef } from 'react';
import { closeComparison } from '../actions/comparisons.ts';
import { close } from '../actions/documents.ts';
import { nameOfComparison, useComparisons } from '../store/comparisons.ts';
import { useDocuments } from '../store/documents.ts';
import { Icon } from '../ui/Icon.tsx';

/** What is open: documents, then comparisons of them. */
export function DocumentTabs() {
  const { order, byId, active } = useDocuments();
  const comparisons = useComparisons();
  if (order.length === 0) return null;
  return (
    <nav aria-label="Open documents" className="document-tabs">
      <ul>
        {order.map((id) => {
          const document = byId[id];
          if (!document) return null;
          return (
            <Tab
              key={id}
              id={id}
              document={id}
              name={document.name}
              isCurrent={id === active}
              onClose={() => void close(document)}
            >
              {document.dirty && (
                <span className="dirty-dot">
                  <span className="visually-hidden">, unsaved edits</span>
                </span>
              )}
            </Tab>
          );
        })}
        {comparisons.order.map((id) => {
          const comparison = comparisons.byId[id];
          if (!comparison) return null;
          return (
            <Tab
              key={id}
              id={id}
              name={nameOfComparison(comparison, byId)}
              isCurrent={id === active}
              onClose={() => closeComparison(id)}
            />
          );
        })}
      </ul>
    </nav>
  );
}

interface TabProps {
  readonly id: string;
  /** What is dropped on the tab is for this document. */
  readonly document?: string;
  readonly name: string;
  readonly isCurrent: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

function Tab({ id, document, name, isCurrent, onClose, children }: TabProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isCurrent) item.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isCurrent]);
  return (
    <li data-document={document} ref={item} className={isCurrent ? 'document-tab current' : 'document-tab'}>
      <button
        type="button"
        aria-current={isCurrent ? 'page' : undefined}
        title={name}
        onClick={() => useDocuments.getState().activate(id)}
      >
        <span className="document-tab-name">{name}</span>
        {children}
      </button>
      <button type="button" className="icon-button" aria-label={`Close ${name}`} onClick={onClose}>
        <Icon name="close" />
      </button>
    </li>
  );
}
