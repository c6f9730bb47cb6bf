import { client } from '../api/client.ts';
import type { DocumentSummary } from '../contract.ts';
import { Problem } from '../ui/Problem.tsx';
import { useRequest } from '../ui/use-request.ts';
import { ValueTree } from './ValueTree.tsx';

/** What the checkpoint holds beside its tensors, to look through. */
export function OtherValues({ document }: { readonly document: DocumentSummary }) {
  const { id, revision } = document;
  const request = useRequest({
    subject: id,
    key: `${id}/${revision}`,
    run: (signal) => client.documents.values.query({ document: id }, { signal }),
  });
  return (
    <section aria-labelledby="values-title" className="panel" aria-busy={request.pending}>
      <h2 id="values-title">Other values</h2>
      <Problem message={request.failure?.message} />
      {request.data && <ValueTree values={request.data} />}
    </section>
  );
}
