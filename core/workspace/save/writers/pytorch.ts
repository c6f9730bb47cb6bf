import type { Checkpoint, Entry } from '../../../checkpoint/checkpoint.ts';
import { torchFormat } from '../../../checkpoint/pytorch/formats.ts';
import { dictFor } from '../../../checkpoint/pytorch/structure-editor.ts';
import { torchHolds } from '../../../checkpoint/pytorch/tensor-nodes.ts';
import {
  ShardedTorchCheckpoint,
  TorchCheckpoint,
  type TorchPart,
} from '../../../checkpoint/pytorch/torch-checkpoint.ts';
import { formatShape } from '../../../ndarray/shape.ts';
import type { DocumentState } from '../../state/document-state.ts';
import type { Change, TensorChange, TensorState } from '../../state/tensor-state.ts';
import type { FileContent } from '../file-content.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter, OutputPlan, SaveSubject } from '../format-writer.ts';
import { planShards } from '../plan-shards.ts';
import { realTarget } from '../replacement.ts';
import { savedTensor, savedTensors } from '../saved-tensor.ts';
import { torchContent } from '../torch-content.ts';
import { newTorchContent } from '../torch-new.ts';
import { type TorchTensors, torchPatch } from '../torch-patch.ts';

export const pytorchWriter: FormatWriter = {
  format: 'pytorch',
  label: 'PyTorch files',
  extensions: torchFormat.extensions.filter((extension) => extension !== '.pkl' && extension !== '.pickle'),
  holds: torchHolds,
  writes: (checkpoint) => checkpoint instanceof TorchCheckpoint,
  async planOwn({ checkpoint, state }) {
    if (!(checkpoint instanceof TorchCheckpoint)) throw new TypeError(`${checkpoint.path} is no PyTorch file.`);
    if (checkpoint instanceof ShardedTorchCheckpoint) return await planTorchShards(checkpoint, state);
    const content = await ownContent(checkpoint.partOf({ file: 0 }), { state, tensors: savedTensors(state) });
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return { outputs: [{ target: await realTarget(checkpoint.path), content, kind: 'pytorch' }], removes: [] };
  },
  async planNew({ checkpoint, state }, target) {
    const content = isSingle(checkpoint)
      ? await ownContent(checkpoint.partOf({ file: 0 }), { state, tensors: savedTensors(state) })
      : newTorchContent(state);
    return { outputs: [{ target, content, kind: 'pytorch' }], removes: [] };
  },
  objection,
  losses({ checkpoint, state }) {
    const losses = state.metadata.size === 0 ? [] : ['PyTorch files hold no metadata: they are left out.'];
    if (checkpoint instanceof ShardedTorchCheckpoint && checkpoint.values) {
      losses.push('Values beside the tensors of the shards are left out.');
    }
    return losses;
  },
};

/** One file, which a new one is written after. */
function isSingle(checkpoint: Checkpoint): checkpoint is TorchCheckpoint {
  return checkpoint instanceof TorchCheckpoint && !(checkpoint instanceof ShardedTorchCheckpoint);
}

async function ownContent(part: TorchPart, shall: TorchTensors): Promise<FileContent> {
  return (await torchPatch(part, shall)) ?? (await torchContent(part, shall));
}

async function planTorchShards(checkpoint: ShardedTorchCheckpoint, state: DocumentState): Promise<OutputPlan> {
  return await planShards(checkpoint, {
    state,
    kind: 'pytorch',
    async contentOf(shard, tensors) {
      const part = checkpoint.partOf({ file: shard });
      if (tensors.length === 0 && part.entries.length > 0 && !part.hasValues) return null;
      return await ownContent(part, { state, tensors: tensors.map((tensor) => savedTensor(state, tensor)) });
    },
  });
}

function objection({ checkpoint, state }: SaveSubject, { tensors, metadata }: Change): string | null {
  if (!(checkpoint instanceof TorchCheckpoint)) return null;
  if (metadata && isSingle(checkpoint)) return 'PyTorch files hold no metadata.';
  for (const change of tensors) {
    const reason = tensorObjection(checkpoint, state, change);
    if (reason !== null) return reason;
  }
  return null;
}

function tensorObjection(
  checkpoint: TorchCheckpoint,
  state: DocumentState,
  { before, after }: TensorChange,
): string | null {
  if (after && !torchHolds(after.dtype)) return `torch has no dtype ${after.dtype} ('${after.name}').`;
  const entry = before && state.stored(before.id);
  if (!before || !entry) return after && newObjection(checkpoint, state, after);
  const part = checkpoint.partOf(entry);
  const place = part.placeOf(entry)?.place;
  const isPatch = after !== null && before.name === after.name && before.tie === after.tie && isInPlace(entry, after);
  if (isPatch && (place === undefined || place.kind !== 'array')) return null;
  if (!place) return `${whole(part)}: '${before.name}' can be given new values of its dtype only.`;
  if (place.dict === null)
    return `'${before.name}' stands in no dict of the file, and can be given new values of its dtype only.`;
  if (after === null) return null;
  if (after.name !== before.name) return nameObjection(part, after.name);
  if (after.dtype === before.dtype && after.steps === before.steps && after.tie === before.tie) return null;
  if (place.kind === 'array') return `'${before.name}' is an array of NumPy within the pickle, which is kept as it is.`;
  return part.opened?.bigEndian ? 'The file is big-endian: what is new could not be written beside the old.' : null;
}

/** A tensor that is new has a file from the start: the one of its neighbour. */
function newObjection(checkpoint: TorchCheckpoint, state: DocumentState, after: TensorState): string | null {
  const part = checkpoint.parts[(after.value?.entry ?? state.entry(after.id)).file];
  return part ? nameObjection(part, after.name) : 'The index names no shard that could hold a tensor.';
}

function isInPlace(entry: Entry, { dtype, value }: TensorState): boolean {
  const shape = value?.entry.shape ?? entry.shape;
  return dtype === entry.dtype && !entry.packed && formatShape(shape) === formatShape(entry.shape);
}

function nameObjection(part: TorchPart, name: string): string | null {
  if (dictFor(name, part.dicts) !== undefined) return null;
  return part.dicts.size === 0 ? `${whole(part)}: nothing can be added.` : `No dict of the file could hold '${name}'.`;
}

function whole({ opened }: TorchPart): string {
  return opened ? 'The file is a TorchScript archive' : 'The file is of a kind that torch.save wrote before 1.6';
}
