import { save, saveAs } from '../actions/documents.ts';
import type { DocumentSummary } from '../contract.ts';
import { useDialogs } from '../store/dialogs.ts';
import { showDocument } from '../store/selection.ts';
import { Icon } from '../ui/Icon.tsx';
import { Totals } from './Totals.tsx';

const FORMAT_NAMES: Readonly<Record<DocumentSummary['format'], string>> = {
  safetensors: 'safetensors',
  'safetensors-index': 'safetensors, sharded',
  mxnet: 'MXNet parameters',
  npy: 'NumPy array',
  npz: 'NumPy archive',
  pytorch: 'PyTorch',
  'pytorch-index': 'PyTorch, sharded',
  gguf: 'GGUF',
  onnx: 'ONNX',
  hdf5: 'HDF5',
  keras: 'Keras',
  tfjs: 'TensorFlow.js',
  'flax-msgpack': 'Flax',
  tflite: 'TensorFlow Lite',
  'tf-checkpoint': 'TensorFlow',
};

export function DocumentHeader({ document }: { readonly document: DocumentSummary }) {
  return (
    <div className="document-header">
      <div className="document-title">
        <h1 title={document.name}>{document.name}</h1>
        <p className="muted">
          {FORMAT_NAMES[document.format]}
          {document.unsavable !== null && <span title={document.unsavable}> · Save as only</span>}
          {document.dirty && <strong className="dirty-mark"> · Unsaved edits</strong>}
        </p>
      </div>
      <Totals totals={document.totals} />
      <div className="document-actions">
        <button type="button" onClick={() => showDocument(document.id)}>
          Metadata
        </button>
        <button type="button" onClick={() => useDialogs.getState().ask({ kind: 'compare', document: document.id })}>
          Compare…
        </button>
        <button type="button" onClick={() => void saveAs(document)}>
          Save as…
        </button>
        <button
          type="button"
          disabled={!document.dirty || !document.savable}
          onClick={() => useDialogs.getState().ask({ kind: 'save-plan', document: document.id, file: null })}
        >
          Save plan…
        </button>
        <button
          type="button"
          className="primary"
          disabled={!document.dirty && document.savable}
          title={document.unsavable ?? undefined}
          onClick={() => void save(document)}
        >
          <Icon name="save" />
          Save
        </button>
      </div>
    </div>
  );
}
