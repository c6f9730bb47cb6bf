import type { Entry } from '../../../checkpoint/checkpoint.ts';
import { torchFormat } from '../../../checkpoint/pytorch/formats.ts';
import { dictFor } from '../../../checkpoint/pytorch/structure-editor.ts';
import { torchHolds } from '../../../checkpoint/pytorch/tensor-nodes.ts';
import { TorchCheckpoint } from '../../../checkpoint/pytorch/torch-checkpoint.ts';
import { formatShape } from '../../../ndarray/shape.ts';
import type { DocumentState } from '../../state/document-state.ts';
import type { Change, TensorChange, TensorState } from '../../state/tensor-state.ts';
import type { FileContent } from '../file-content.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter, SaveSubject } from '../format-writer.ts';
import { realTarget } from '../replacement.ts';
import { torchContent } from '../torch-content.ts';
import { newTorchContent } from '../torch-new.ts';
import { torchPatch } from '../torch-patch.ts';

export const pytorchWriter: FormatWriter = {
  format: 'pytorch',
  label: 'PyTorch files',
  extensions: torchFormat.extensions.filter((extension) => extension !== '.pkl' && extension !== '.pickle'),
  holds: torchHolds,
  writes: (checkpoint) => checkpoint instanceof TorchCheckpoint,
  async planOwn({ checkpoint, state }) {
    if (!(checkpoint instanceof TorchCheckpoint)) throw new TypeError(`${checkpoint.path} is no PyTorch file.`);
    const content = await ownContent(checkpoint, state);
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return { outputs: [{ target: await realTarget(checkpoint.path), content, kind: 'pytorch' }], removes: [] };
  },
  async planNew({ checkpoint, state }, target) {
    const content =
      checkpoint instanceof TorchCheckpoint ? await ownContent(checkpoint, state) : newTorchContent(state);
    return { outputs: [{ target, content, kind: 'pytorch' }], removes: [] };
  },
  objection,
  losses: ({ checkpoint, state }) =>
    checkpoint instanceof TorchCheckpoint || state.metadata.size === 0
      ? []
      : ['PyTorch files hold no metadata: they are left out.'],
};

async function ownContent(checkpoint: TorchCheckpoint, state: DocumentState): Promise<FileContent> {
  return (await torchPatch(checkpoint, state)) ?? (await torchContent(checkpoint, state));
}

function objection({ checkpoint, state }: SaveSubject, { tensors, metadata }: Change): string | null {
  if (metadata) return 'PyTorch files hold no metadata.';
  if (!(checkpoint instanceof TorchCheckpoint)) return null;
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
  if (!before) return after && nameObjection(checkpoint, after.name);
  const entry = state.stored(before.id);
  if (!entry) return after && nameObjection(checkpoint, after.name);
  const place = checkpoint.placeOf(entry)?.place;
  const isPatch = after !== null && before.name === after.name && isInPlace(entry, after);
  if (isPatch && (place === undefined || place.kind !== 'array')) return null;
  if (!place) return `${whole(checkpoint)}: '${before.name}' can be given new values of its dtype only.`;
  if (place.dict === null)
    return `'${before.name}' stands in no dict of the file, and can be given new values of its dtype only.`;
  if (after === null) return null;
  if (after.name !== before.name) return nameObjection(checkpoint, after.name);
  if (after.dtype === before.dtype && after.steps === before.steps) return null;
  if (place.kind === 'array') return `'${before.name}' is an array of NumPy within the pickle, which is kept as it is.`;
  return checkpoint.opened?.bigEndian
    ? 'The file is big-endian: what is new could not be written beside the old.'
    : null;
}

function isInPlace(entry: Entry, { dtype, value }: TensorState): boolean {
  const shape = value?.entry.shape ?? entry.shape;
  return dtype === entry.dtype && !entry.packed && formatShape(shape) === formatShape(entry.shape);
}

function nameObjection(checkpoint: TorchCheckpoint, name: string): string | null {
  if (dictFor(name, checkpoint.dicts) !== undefined) return null;
  return checkpoint.dicts.size === 0
    ? `${whole(checkpoint)}: nothing can be added.`
    : `No dict of the file could hold '${name}'.`;
}

function whole({ opened }: TorchCheckpoint): string {
  return opened ? 'The file is a TorchScript archive' : 'The file is of a kind that torch.save wrote before 1.6';
}
