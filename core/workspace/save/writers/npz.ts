import type { Entry } from '../../../checkpoint/checkpoint.ts';
import { dtypeHeld } from '../../../checkpoint/numpy/descr.ts';
import { npzFormat } from '../../../checkpoint/numpy/formats.ts';
import { NpzCheckpoint, type NpzOrigin } from '../../../checkpoint/numpy/npz-checkpoint.ts';
import type { Change, TensorChange } from '../../state/tensor-state.ts';
import type { FormatWriter, SaveSubject } from '../format-writer.ts';
import { npzContent } from '../npz-content.ts';
import { npzPatch } from '../npz-patch.ts';
import { realTarget } from '../replacement.ts';

export const npzWriter: FormatWriter = {
  format: 'npz',
  label: 'NumPy archives',
  extensions: npzFormat.extensions,
  holds: dtypeHeld,
  writes: (checkpoint) => checkpoint instanceof NpzCheckpoint,
  async planOwn({ checkpoint, state }) {
    if (!(checkpoint instanceof NpzCheckpoint)) throw new TypeError(`${checkpoint.path} is no .npz archive.`);
    const patch = await npzPatch(checkpoint, state);
    if (patch && patch.segments.length === 0) return { outputs: [], removes: [] };
    const target = await realTarget(checkpoint.path);
    const made = patch ? { content: patch } : await npzContent(checkpoint, state);
    return { outputs: [{ target, ...made, kind: 'npz' }], removes: [] };
  },
  async planNew({ checkpoint, state }, target) {
    const original = checkpoint instanceof NpzCheckpoint ? checkpoint : null;
    return { outputs: [{ target, ...(await npzContent(original, state)), kind: 'npz' }], removes: [] };
  },
  objection,
  losses: ({ state }) => (state.metadata.size === 0 ? [] : ['.npz archives hold no metadata: they are left out.']),
};

function objection({ checkpoint, state }: SaveSubject, { tensors, metadata }: Change): string | null {
  if (metadata) return '.npz archives hold no metadata.';
  if (!(checkpoint instanceof NpzCheckpoint)) return null;
  for (const change of tensors) {
    const reason = tensorObjection(change, (id) => kindOf(checkpoint, state.stored(id)));
    if (reason !== null) return reason;
  }
  return null;
}

/** What is new is an array of its own. */
function kindOf(checkpoint: NpzCheckpoint, entry: Entry | null): NpzOrigin['kind'] {
  return entry ? checkpoint.originOf(entry).kind : 'array';
}

function tensorObjection({ before, after }: TensorChange, kind: (id: number) => NpzOrigin['kind']): string | null {
  if (after && !dtypeHeld(after.dtype)) return `NumPy files cannot store ${after.dtype} ('${after.name}').`;
  if (!before) return null;
  switch (kind(before.id)) {
    case 'array':
      return null;
    case 'column':
      return `'${before.name}' is a field of an array of records, which is kept as it is.`;
    case 'sparse':
      return after && after.steps !== before.steps
        ? `'${before.name}' is stored sparse, and its stored elements are kept as they are.`
        : null;
  }
}
