import type { DocumentSummary } from '../contract.ts';
import { DeviceMemory } from '../parameter/DeviceMemory.tsx';
import { useSelection } from '../store/selection.ts';
import { SelectionPane } from '../tensor/SelectionPane.tsx';
import { TensorPane } from '../tensor/TensorPane.tsx';
import { TreePane } from '../tree/TreePane.tsx';
import { Splitter, useSplit } from '../ui/Splitter.tsx';
import { Banners } from './Banners.tsx';
import { DocumentHeader } from './DocumentHeader.tsx';
import { DocumentOverview } from './DocumentOverview.tsx';
import { History } from './History.tsx';
import { useKnownHealth } from './use-known-health.ts';
import './document.css';

const TREE_WIDTH = { initial: 496, minimum: 300, maximum: 860 };

/** One open document: its tensors on the left, what is chosen on the right. */
export function DocumentView({ document }: { readonly document: DocumentSummary }) {
  const selection = useSelection(document.id);
  useKnownHealth(document);
  const [width, setWidth] = useSplit('parascope.tree-width', TREE_WIDTH);
  return (
    <div className="document" data-document={document.id}>
      <DocumentHeader document={document} />
      <DeviceMemory devices={document.devices} />
      <Banners document={document} />
      <div className="document-body" style={{ gridTemplateColumns: `min(${width}px, 46%) 6px minmax(0, 1fr)` }}>
        <TreePane document={document} />
        <Splitter label="Width of the tensor list" limits={TREE_WIDTH} size={width} onResize={setWidth} />
        {selection.shown !== null ? (
          <TensorPane key={selection.shown} document={document} tensor={selection.shown} />
        ) : (
          <div className="right-side">
            <div className="right-main">
              {selection.ids.size > 0 ? (
                <SelectionPane document={document} ids={selection.ids} />
              ) : (
                <DocumentOverview document={document} />
              )}
            </div>
            <aside className="inspector" aria-label="Document inspector">
              <History document={document} />
            </aside>
          </div>
        )}
      </div>
    </div>
  );
}
