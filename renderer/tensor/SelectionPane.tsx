import { useMemo } from 'react';
import { EMPTY_LISTING } from '../api/listing.ts';
import type { DocumentSummary } from '../contract.ts';
import { formatBytes, plural } from '../format/numbers.ts';
import { useListings } from '../store/listings.ts';
import { EditToolbar } from './EditToolbar.tsx';

interface SelectionPaneProps {
  readonly document: DocumentSummary;
  readonly ids: ReadonlySet<number>;
}

const NAMES_SHOWN = 200;

/** Several tensors at once: what they are, and the edits that go for all of them. */
export function SelectionPane({ document, ids }: SelectionPaneProps) {
  const listing = useListings((state) => state.byDocument[document.id]?.listing ?? EMPTY_LISTING);
  const { names, bytes } = useMemo(() => {
    const names: string[] = [];
    let bytes = 0;
    listing.ids.forEach((id, position) => {
      if (!ids.has(id)) return;
      names.push(listing.names[position] ?? '');
      bytes += listing.bytes[position] ?? 0;
    });
    return { names, bytes };
  }, [listing, ids]);
  if (names.length === 0) return <p className="guidance">The chosen tensors are gone. Undo brings them back.</p>;
  return (
    <>
      <div className="tensor-title">
        <h2>{plural(names.length, 'tensor')}</h2>
        <span className="muted">{formatBytes(bytes)}</span>
        <EditToolbar document={document.id} names={names} />
      </div>
      <ul className="panel name-list mono" aria-label="Chosen tensors">
        {names.slice(0, NAMES_SHOWN).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {names.length > NAMES_SHOWN && (
          <li className="muted">and {plural(names.length - NAMES_SHOWN, 'more tensor')}</li>
        )}
      </ul>
    </>
  );
}
