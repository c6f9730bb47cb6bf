import type { FormatReader } from '../format.ts';
import { isZip } from '../zip/signature.ts';

const EXTENSIONS = ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.pickle', '.ptl', '.torchscript'];

export const torchFormat: FormatReader = {
  format: 'pytorch',
  label: 'PyTorch files',
  extensions: EXTENSIONS,
  recognizes: (head, name) => {
    const lower = name.toLowerCase();
    if (isZip(head)) {
      return EXTENSIONS.some((extension) => lower.endsWith(extension)) || /[^/]*\/?data\.pkl/.test(firstMember(head));
    }
    return isPickle(head);
  },
  open: async (source) => (await import('./reader.ts')).openTorch(source),
};

/** A map of names to files of torch's. */
const TORCH_SHARDS = /"weight_map"\s*:\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*"[^"]*\.(?:bin|pt|pth)"/;

export const torchIndexFormat: FormatReader = {
  format: 'pytorch-index',
  label: 'sharded PyTorch files',
  extensions: ['.bin.index.json'],
  recognizes: (head, name) =>
    /^\s*\{/.test(head.toString('latin1', 0, 64)) &&
    (TORCH_SHARDS.test(head.toString('latin1')) || name.toLowerCase().endsWith('.bin.index.json')),
  open: async (source) => (await import('./sharded.ts')).openTorchIndex(source),
};

/** The name of the first member, which torch writes before all others. */
function firstMember(head: Buffer): string {
  return head.length < 30 ? '' : head.toString('latin1', 30, 30 + head.readUInt16LE(26));
}

/** Protocols 2 to 5 begin with their number. */
function isPickle(head: Buffer): boolean {
  return head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;
}
