import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { HeatmapView } from './HeatmapView.tsx';

interface HeatmapProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

/** A slice of the tensor as a picture. */
export function Heatmap({ document, detail }: HeatmapProps) {
  return (
    <HeatmapView
      subject={{
        path: `heatmap/${encodeURIComponent(document.id)}/${detail.id}`,
        revision: String(detail.valueRevision),
        shape: detail.shape,
        label: `Heatmap of ${detail.name}`,
        task: { document: document.id, title: 'Heatmap' },
      }}
    />
  );
}
