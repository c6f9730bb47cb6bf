import { writePickle } from '../../checkpoint/pickle/write.ts';
import { TensorNodes, textNode, torchHolds } from '../../checkpoint/pytorch/tensor-nodes.ts';
import { UnsupportedDTypeError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import { tieKey } from '../state/sharing.ts';
import { archiveContent } from './archive-content.ts';
import type { FileContent } from './file-content.ts';
import { type SavedTensor, savedTensors } from './saved-tensor.ts';
import { bytesMember, pickleMember, recordMember, TORCH_ALIGNMENT } from './torch-members.ts';

const FOLDER = 'archive/';
const PROTOCOL = 2;

/**
 * A file as `torch.save(state_dict)` writes it: an OrderedDict of plain tensors on the cpu, which
 * `torch.load(…, weights_only=True)` reads. Tied tensors share their storage.
 *
 * @throws UnsupportedDTypeError for a dtype that torch lacks.
 */
export function newTorchContent(state: DocumentState): FileContent {
  const tensors = savedTensors(state);
  const { records, keyOf } = recordsOf(tensors);
  const nodes = new TensorNodes();
  const root = nodes.orderedDict();
  root.pairs = tensors.flatMap((tensor) => {
    const { name, dtype, shape, nbytes } = tensor;
    if (!torchHolds(dtype)) throw lacking(dtype, name);
    return [textNode(name), nodes.tensor({ key: keyOf(tensor), dtype, shape, nbytes })];
  });
  const pickle = writePickle(root, PROTOCOL);
  const text = (name: string, content: string) => bytesMember(`${FOLDER}${name}`, Buffer.from(content));
  const members = [
    pickleMember(pickle, { name: `${FOLDER}data.pkl`, former: null, source: null }),
    text('.format_version', '1'),
    text('.storage_alignment', String(TORCH_ALIGNMENT)),
    text('byteorder', 'little'),
    ...records.map((tensor, i) => recordMember(`${FOLDER}data/${i}`, tensor, state)),
    text('version', '3\n'),
  ];
  return archiveContent(members, { alignment: TORCH_ALIGNMENT });
}

interface Records {
  /** A tensor for each, whose elements it holds. */
  readonly records: readonly SavedTensor[];
  readonly keyOf: (tensor: SavedTensor) => string;
}

/** Tensors that are the same elements have one record. */
function recordsOf(tensors: readonly SavedTensor[]): Records {
  const records: SavedTensor[] = [];
  const places = new Map<string | number, number>();
  const placeOf = ({ id, state, origin }: SavedTensor): string | number => tieKey(state, origin) ?? id;
  for (const tensor of tensors) {
    const place = placeOf(tensor);
    if (!places.has(place)) places.set(place, records.push(tensor) - 1);
  }
  return { records, keyOf: (tensor) => String(places.get(placeOf(tensor))) };
}

function lacking(dtype: string, name: string): UnsupportedDTypeError {
  return new UnsupportedDTypeError(
    `torch has no dtype ${dtype} (${JSON.stringify(name)}): cast it to another dtype, or save as safetensors.`,
    { dtype, format: 'pytorch', name },
  );
}
