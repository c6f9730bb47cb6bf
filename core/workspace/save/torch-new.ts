import { writePickle } from '../../checkpoint/pickle/write.ts';
import { TensorNodes, textNode, torchHolds } from '../../checkpoint/pytorch/tensor-nodes.ts';
import { UnsupportedDTypeError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import { archiveContent } from './archive-content.ts';
import type { FileContent } from './file-content.ts';
import { savedTensors } from './saved-tensor.ts';
import { bytesMember, pickleMember, recordMember, TORCH_ALIGNMENT } from './torch-members.ts';

const FOLDER = 'archive/';
const PROTOCOL = 2;

/**
 * A file as `torch.save(state_dict)` writes it: an OrderedDict of plain tensors on the cpu, which
 * `torch.load(…, weights_only=True)` reads.
 *
 * @throws UnsupportedDTypeError for a dtype that torch lacks.
 */
export function newTorchContent(state: DocumentState): FileContent {
  const tensors = savedTensors(state);
  const nodes = new TensorNodes();
  const root = nodes.orderedDict();
  root.pairs = tensors.flatMap(({ name, dtype, shape, nbytes }, i) => {
    if (!torchHolds(dtype)) throw lacking(dtype, name);
    return [textNode(name), nodes.tensor({ key: String(i), dtype, shape, nbytes })];
  });
  const pickle = writePickle(root, PROTOCOL);
  const text = (name: string, content: string) => bytesMember(`${FOLDER}${name}`, Buffer.from(content));
  const members = [
    pickleMember(pickle, { name: `${FOLDER}data.pkl`, former: null, source: null }),
    text('.format_version', '1'),
    text('.storage_alignment', String(TORCH_ALIGNMENT)),
    text('byteorder', 'little'),
    ...tensors.map((tensor, i) => recordMember(`${FOLDER}data/${i}`, tensor, state)),
    text('version', '3\n'),
  ];
  return archiveContent(members, { alignment: TORCH_ALIGNMENT });
}

function lacking(dtype: string, name: string): UnsupportedDTypeError {
  return new UnsupportedDTypeError(
    `torch has no dtype ${dtype} (${JSON.stringify(name)}): cast it to another dtype, or save as safetensors.`,
    { dtype, format: 'pytorch', name },
  );
}
