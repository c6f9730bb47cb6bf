import { client } from '../api/client.ts';
import type { Failure } from '../api/errors.ts';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { History } from '../document/History.tsx';
import { ParameterRegion } from '../parameter/ParameterRegion.tsx';
import { useParameterChangeCount } from '../store/parameter-changes.ts';
import { useView, type View } from '../store/view.ts';
import { useRequest } from '../ui/use-request.ts';
import { Cells } from './Cells.tsx';
import { EditToolbar } from './EditToolbar.tsx';
import { Heatmap } from './Heatmap.tsx';
import { Overview } from './Overview.tsx';
import { Spectrum } from './Spectrum.tsx';
import { panelId, tabId, ViewTabs } from './ViewTabs.tsx';
import './tensor.css';
import { Problem } from '../ui/Problem.tsx';

interface TensorPaneProps {
  readonly document: DocumentSummary;
  readonly tensor: number;
}

/** One tensor: its name and edits above, the three views, and its Parameter beside them. */
export function TensorPane({ document, tensor }: TensorPaneProps) {
  const view = useView((state) => state.view);
  const changes = useParameterChangeCount(document.id, tensor);
  const detail = useRequest({
    subject: `${document.id}/${tensor}`,
    key: `${document.revision}:${changes}`,
    run: (signal) => client.tensors.detail.query({ document: document.id, tensor }, { signal }),
  });
  return (
    <div className="right-side">
      <div className="right-main">
        {detail.failure && <Missing failure={detail.failure} />}
        {detail.data && detail.failure?.code !== 'NOT_FOUND' && (
          <>
            <h2 className="tensor-name mono" title={detail.data.name}>
              {detail.data.name === '' ? '(no name)' : detail.data.name}
            </h2>
            <div className="tensor-bar">
              <ViewTabs />
              <EditToolbar document={document.id} names={[detail.data.name]} />
            </div>
            <div role="tabpanel" id={panelId(view)} aria-labelledby={tabId(view)} className="view-panel">
              <ViewContent view={view} document={document} detail={detail.data} />
            </div>
          </>
        )}
      </div>
      <aside className="inspector" aria-label="Tensor inspector">
        {detail.data && <ParameterRegion document={document.id} detail={detail.data} />}
        <History document={document} />
      </aside>
    </div>
  );
}

/** A tensor that was deleted while it was looked at is no failure. */
function Missing({ failure }: { readonly failure: Failure }) {
  if (failure.code === 'NOT_FOUND') return <p className="guidance">This tensor was deleted. Undo brings it back.</p>;
  return <Problem message={failure.message} />;
}

interface ViewContentProps {
  readonly view: View;
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

function ViewContent({ view, document, detail }: ViewContentProps) {
  switch (view) {
    case 'Overview':
      return <Overview document={document} detail={detail} />;
    case 'Heatmap':
      return <Heatmap document={document} detail={detail} />;
    case 'Cells':
      return <Cells document={document} detail={detail} />;
    case 'Spectrum':
      return <Spectrum document={document} detail={detail} />;
  }
}
