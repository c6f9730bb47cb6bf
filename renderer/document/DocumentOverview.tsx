import type { DocumentSummary } from '../contract.ts';
import { formatBytes } from '../format/numbers.ts';
import { HealthPanel } from './HealthPanel.tsx';
import { MetadataEditor } from './MetadataEditor.tsx';
import { OtherValues } from './OtherValues.tsx';

/** What the right side shows while no tensor is chosen. */
export function DocumentOverview({ document }: { readonly document: DocumentSummary }) {
  return (
    <div className="document-overview">
      <p className="guidance">
        Choose a tensor on the left to see its values. Shift or Ctrl chooses several to edit them at once.
      </p>
      {document.unsavable !== null && <p className="guidance">{document.unsavable}</p>}
      <HealthPanel document={document} />
      <MetadataEditor document={document} />
      {document.hasValues && <OtherValues document={document} />}
      <section aria-labelledby="files-title" className="panel">
        <h2 id="files-title">Files</h2>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">
                Size
              </th>
            </tr>
          </thead>
          <tbody>
            {document.files.map((file) => (
              <tr key={file.name}>
                <td className="mono">{file.name}</td>
                <td className="number">{formatBytes(file.size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
