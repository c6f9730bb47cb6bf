import { client } from '../api/client.ts';
import { useDocuments } from '../store/documents.ts';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';
import { HeatmapView } from './HeatmapView.tsx';

/** A tensor of an open document. */
export interface TensorPlace {
  readonly documentId: string;
  readonly tensorId: number;
}

interface DeltaHeatmapProps {
  readonly a: TensorPlace;
  readonly b: TensorPlace;
}

/**
 * A slice of `a − b` as a picture, of two tensors of one shape and of any dtypes: how far, and which way, each element
 * of `a` is from that of `b`.
 */
export function DeltaHeatmap({ a, b }: DeltaHeatmapProps) {
  const path = `delta/${pathOf(a)}/${pathOf(b)}`;
  const revisions = useDocuments(({ byId }) => [a, b].map(({ documentId }) => byId[documentId]?.revision).join());
  const details = useRequest({
    subject: path,
    key: `${path}:${revisions}`,
    run: (signal) =>
      Promise.all(
        [a, b].map(({ documentId, tensorId }) =>
          client.tensors.detail.query({ document: documentId, tensor: tensorId }, { signal }),
        ),
      ),
  });
  if (details.failure) {
    return <Problem message={details.failure.message} />;
  }
  const [first, second] = details.data ?? [];
  if (!first || !second) return null;
  return (
    <HeatmapView
      key={path}
      subject={{
        path,
        revision: `${first.valueRevision},${second.valueRevision}`,
        shape: first.shape,
        label: `Differences of ${first.name}`,
        task: { document: a.documentId, title: 'Heatmap of differences' },
      }}
    />
  );
}

function pathOf({ documentId, tensorId }: TensorPlace): string {
  return `${encodeURIComponent(documentId)}/${tensorId}`;
}
