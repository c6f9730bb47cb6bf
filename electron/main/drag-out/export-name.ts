import { hasNumpyDType, type NamedTensor } from '../../../core/workspace/export-tensors.ts';

/** File systems take 255 bytes; what remains is for endings and the user's own additions. */
const LONGEST_NAME = 100;

/** The name of the file that is dragged out, its ending being its format. */
export function exportName(
  tensors: readonly NamedTensor[],
  { document, format }: { readonly document: string; readonly format: 'auto' | 'safetensors' },
): string {
  const [first] = tensors;
  if (first && tensors.length === 1) {
    const asNumpy = format === 'auto' && hasNumpyDType(first.tensor);
    return `${plainName(first.name)}${asNumpy ? '.npy' : '.safetensors'}`;
  }
  const stem = document.replace(/(?:\.index)?\.[^.]*$/, '');
  return `${plainName(stem)}-${tensors.length}-tensors.safetensors`;
}

/** Tensor names come from files of strangers: what is left has no separators, no leading dot and no device's name. */
function plainName(name: string): string {
  const plain = name
    .replace(/[^\p{L}\p{N}_.-]+/gu, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, LONGEST_NAME);
  return plain === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) ? `tensor_${plain}` : plain;
}
