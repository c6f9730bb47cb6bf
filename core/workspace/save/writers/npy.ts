import { dtypeHeld } from '../../../checkpoint/numpy/descr.ts';
import { npyFormat } from '../../../checkpoint/numpy/formats.ts';
import { npyHeaderOf } from '../../../checkpoint/numpy/npy.ts';
import { NpyCheckpoint } from '../../../checkpoint/numpy/npy-reader.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import type { Change } from '../../state/tensor-state.ts';
import { changedSegments, type FileContent, isUnchanged, wholeSegment } from '../file-content.ts';
import type { FormatWriter, SaveSubject } from '../format-writer.ts';
import { joinSegments } from '../join-segments.ts';
import { realTarget } from '../replacement.ts';
import { keepsItsBytes, savedTensors, staysInPlace } from '../saved-tensor.ts';

export const npyWriter: FormatWriter = {
  format: 'npy',
  label: 'NumPy arrays',
  extensions: npyFormat.extensions,
  holds: dtypeHeld,
  writes: (checkpoint) => checkpoint instanceof NpyCheckpoint,
  async planOwn(subject) {
    const content = ownContent(subject);
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return { outputs: [{ target: await realTarget(subject.checkpoint.path), content, kind: 'npy' }], removes: [] };
  },
  async planNew(subject, target) {
    return { outputs: [{ target, content: newContent(subject), kind: 'npy' }], removes: [] };
  },
  objection: ({ checkpoint }, change) => objection(checkpoint instanceof NpyCheckpoint ? checkpoint : null, change),
  losses: ({ state }) => {
    const lost = ['A .npy file holds no name: the array is called after the file.'];
    return state.metadata.size === 0 ? lost : [...lost, 'Metadata are left out.'];
  },
};

function ownContent(subject: SaveSubject): FileContent {
  const { checkpoint, state } = subject;
  const [tensor] = savedTensors(state);
  const [file] = checkpoint.files;
  if (!tensor || !file) return newContent(subject);
  const { origin } = tensor;
  const header = npyHeaderOf(tensor, tensor.name);
  const isMoved = tensor.edited && !staysInPlace(tensor);
  // Headers are padded: another shape of the same bytes mostly fits.
  const isReshaped = isMoved && origin?.offset === header.length && keepsItsBytes(state, tensor);
  if (isMoved && !isReshaped) return newContent(subject);
  const segments = origin ? changedSegments(state, tensor.state, origin.offset) : [];
  if (isReshaped) segments.unshift({ kind: 'bytes', to: 0, bytes: header });
  return { base: file, segments: joinSegments(segments), size: file.stamp.size };
}

function newContent({ state }: SaveSubject): FileContent {
  const tensors = savedTensors(state);
  const [tensor] = tensors;
  if (!tensor || tensors.length !== 1) {
    throw new InvalidArgumentError(
      `A .npy file holds exactly one array, and the document has ${tensors.length}. Choose a name that ends in .npz.`,
    );
  }
  const header = npyHeaderOf(tensor, tensor.name);
  const body = wholeSegment(state, tensor.state, header.length);
  const segments = joinSegments([{ kind: 'bytes', to: 0, bytes: header }, body]);
  return { base: null, segments, size: header.length + tensor.nbytes };
}

function objection(checkpoint: NpyCheckpoint | null, { tensors, metadata }: Change): string | null {
  if (metadata) return 'A .npy file holds no metadata.';
  for (const { before, after } of tensors) {
    if (!after) return 'A .npy file holds exactly one array, which cannot be deleted.';
    if (!before) return 'A .npy file holds exactly one array.';
    if (before.name !== after.name) return 'The array of a .npy file has no name but that of the file.';
    if (checkpoint?.header.type.kind !== 'number') return `'${after.name}' is a field of an array of records.`;
    if (!dtypeHeld(after.dtype)) return `NumPy files cannot store ${after.dtype}.`;
  }
  return null;
}
