import type { FormatReader } from '../format.ts';
import { isZip } from '../zip/archive.ts';
import { NPY_MAGIC } from './npy-header.ts';
import { openNpy } from './npy-reader.ts';
import { openNpz } from './npz-reader.ts';

export const npyFormat: FormatReader = {
  format: 'npy',
  label: 'NumPy arrays',
  extensions: ['.npy'],
  recognizes: (head) => head.subarray(0, NPY_MAGIC.length).equals(NPY_MAGIC),
  open: openNpy,
};

export const npzFormat: FormatReader = {
  format: 'npz',
  label: 'NumPy archives',
  extensions: ['.npz'],
  recognizes: (head, name) => isZip(head) && (name.toLowerCase().endsWith('.npz') || firstMemberIsArray(head)),
  open: openNpz,
};

/** The name of the first member stands behind its header of 30 bytes. */
function firstMemberIsArray(head: Buffer): boolean {
  if (head.length < 30) return false;
  return head.toString('latin1', 30, 30 + head.readUInt16LE(26)).endsWith('.npy');
}
