import type { MetadataDifference } from '../contract.ts';

interface Line {
  readonly key: string;
  readonly change: string;
}

/** What differs in the metadata of the two documents. */
export function MetadataChanges({ metadata: { added, removed, changed } }: { readonly metadata: MetadataDifference }) {
  const lines: Line[] = [
    ...changed.map(({ key, from, to }) => ({ key, change: `${from} → ${to}` })),
    ...added.map((key) => ({ key, change: 'Added' })),
    ...removed.map((key) => ({ key, change: 'Removed' })),
  ];
  if (lines.length === 0) return null;
  return (
    <section className="panel" aria-label="Metadata differences">
      <h2>Metadata</h2>
      <table className="plain-table">
        <tbody>
          {lines.map(({ key, change }) => (
            <tr key={key}>
              <th scope="row" className="mono">
                {key}
              </th>
              <td className="metadata-change">{change}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
