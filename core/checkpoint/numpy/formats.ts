import type { FormatReader } from '../format.ts';
import { isZip } from '../zip/signature.ts';
import { NPY_MAGIC } from './magic.ts';

export const npyFormat: FormatReader = {
  format: 'npy',
  label: 'NumPy arrays',
  extensions: ['.npy'],
  recognizes: (head) => head.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC),
  open: async (source) => (await import('./npy-reader.ts')).openNpy(source),
};

export const npzFormat: FormatReader = {
  format: 'npz',
  label: 'NumPy archives',
  extensions: ['.npz'],
  recognizes: (head, name) => isZip(head) && (name.toLowerCase().endsWith('.npz') || firstMemberIsArray(head)),
  open: async (source) => (await import('./npz-reader.ts')).openNpz(source),
};

/** The name of the first member stands behind its header of 30 bytes. */
function firstMemberIsArray(head: Buffer): boolean {
  if (head.length < 30) return false;
  return head.toString('latin1', 30, 30 + head.readUInt16LE(26)).endsWith('.npy');
}
