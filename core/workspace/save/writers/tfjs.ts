import { tfjsFormat } from '../../../checkpoint/tfjs/formats.ts';
import { TfjsCheckpoint } from '../../../checkpoint/tfjs/tfjs-checkpoint.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import type { Change, TensorChange } from '../../state/tensor-state.ts';
import type { FormatWriter, SaveSubject } from '../format-writer.ts';
import { listed } from '../sentences.ts';
import { planTfjs } from '../tfjs-content.ts';

/** What weights can be stored as (tfjs-core, io/types.ts) and the reader gives back under the same name. */
const DTYPES: readonly string[] = ['float32', 'int32', 'bool', 'complex64'];

export const tfjsWriter: FormatWriter = {
  format: 'tfjs',
  label: tfjsFormat.label,
  // A model is a folder of files: none of another is written under one name.
  extensions: [],
  writes: (checkpoint) => checkpoint instanceof TfjsCheckpoint,
  async planOwn({ checkpoint, state }) {
    if (checkpoint instanceof TfjsCheckpoint) return await planTfjs(checkpoint, state);
    throw new TypeError(`${checkpoint.path} is no TensorFlow.js model.`);
  },
  async planNew() {
    throw new InvalidArgumentError(
      'New TensorFlow.js models are not written: a model needs its topology. Save where the model lies, or as safetensors.',
    );
  },
  objection(subject, change) {
    const { checkpoint } = subject;
    if (!(checkpoint instanceof TfjsCheckpoint)) return null;
    for (const tensor of change.tensors) {
      const reason = tensorObjection({ checkpoint, state: subject.state }, tensor);
      if (reason !== null) return reason;
    }
    return metadataObjection(checkpoint, change);
  },
  losses: () => [],
  notes({ checkpoint, state }) {
    const plain = [...state.tensors()].filter(({ id, steps }) => steps !== null && state.stored(id)?.stored);
    if (!(checkpoint instanceof TfjsCheckpoint) || plain.length === 0) return [];
    const names = listed(plain.map(({ name }) => name));
    return [`${names}: stored quantized so far, and with all bits from now on, as other values would be rounded.`];
  },
};

interface TfjsSubject extends SaveSubject {
  readonly checkpoint: TfjsCheckpoint;
}

function tensorObjection(subject: TfjsSubject, change: TensorChange): string | null {
  const { checkpoint, state } = subject;
  const { before, after } = change;
  const id = before?.id ?? after?.id;
  const stored = id === undefined ? null : state.stored(id);
  if (!stored) return after ? 'A TensorFlow.js model takes no new weights.' : null;
  if (!after) return deletionObjection(checkpoint, stored.name);
  if (after.name !== stored.name) {
    const reason = renameObjection(checkpoint, { from: stored.name, to: after.name });
    if (reason !== null) return reason;
  }
  const { shape } = after.value?.entry ?? stored;
  if (shape.join() !== stored.shape.join()) {
    return `A TensorFlow.js model keeps the shapes of its weights: '${stored.name}' is of (${stored.shape.join(', ')}).`;
  }
  if (after.dtype === stored.dtype) return null;
  if (!DTYPES.includes(after.dtype)) {
    return `TensorFlow.js holds weights of ${DTYPES.join(', ')}, not of ${after.dtype}.`;
  }
  if (checkpoint.topology === 'none') return null;
  return `The model's topology has '${stored.name}' as ${stored.dtype}: with weights of another dtype it would not load.`;
}

function deletionObjection({ topology, nodes }: TfjsCheckpoint, name: string): string | null {
  if (topology === 'layers') return `The layers of the model need '${name}': without it the model would not load.`;
  return nodes.has(name) ? `The node '${name}' of the graph needs this weight.` : null;
}

function renameObjection(
  { topology, nodes }: TfjsCheckpoint,
  { from, to }: { readonly from: string; readonly to: string },
): string | null {
  if (topology === 'layers') {
    const layer = from.split('/').slice(0, -1).join('/');
    const owner = layer === '' ? 'its layers' : `its layer '${layer}'`;
    return `A layers model finds '${from}' by the name of ${owner}: under another it would not load, as its topology has no such layer.`;
  }
  if (topology === 'graph' && nodes.has(to)) return `The graph has another node named '${to}'.`;
  if (nodes.has(from) && /[:^]/.test(to))
    return `A node of a graph cannot be named '${to}': ':' and '^' have a meaning there.`;
  return null;
}

function metadataObjection({ isList, reserved }: TfjsCheckpoint, { metadata }: Change): string | null {
  if (!metadata) return null;
  if (isList) return 'A weights manifest that is a list holds no metadata.';
  const taken = [...metadata.after.keys()].find((key) => reserved.has(key));
  return taken === undefined ? null : `'${taken}' is a part of the model and no metadata.`;
}
