import { isFlaxDType } from '../../../checkpoint/flax/array-pieces.ts';
import { FlaxCheckpoint } from '../../../checkpoint/flax/flax-checkpoint.ts';
import { flaxFormat } from '../../../checkpoint/flax/formats.ts';
import type { Change } from '../../state/tensor-state.ts';
import { isUnchanged } from '../file-content.ts';
import { newFlaxContent, planFlaxContent } from '../flax-content.ts';
import type { FormatWriter, SaveSubject } from '../format-writer.ts';
import { pathObjection } from '../path-objection.ts';
import { realTarget } from '../replacement.ts';

export const flaxWriter: FormatWriter = {
  format: 'flax-msgpack',
  label: flaxFormat.label,
  extensions: flaxFormat.extensions,
  writes: ({ format }) => format === 'flax-msgpack',
  async planOwn(subject) {
    const content = await planFlaxContent(subject);
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return {
      outputs: [{ target: await realTarget(subject.checkpoint.path), content, kind: 'flax-msgpack' }],
      removes: [],
    };
  },
  async planNew(subject, target) {
    const isOwn = subject.checkpoint.format === 'flax-msgpack';
    const content = isOwn ? await planFlaxContent(subject) : newFlaxContent(subject);
    return { outputs: [{ target, content, kind: 'flax-msgpack' }], removes: [] };
  },
  objection(subject, change) {
    for (const { after } of change.tensors) {
      if (after && !isFlaxDType(after.dtype)) return `Flax checkpoints cannot hold ${after.dtype}.`;
    }
    if (change.metadata) return 'Flax checkpoints hold no metadata.';
    return itemObjection(subject, change) ?? pathObjection(subject, change);
  },
  losses: ({ checkpoint, state }) =>
    checkpoint.format === 'flax-msgpack' || state.metadata.size === 0
      ? []
      : ['Flax checkpoints hold no metadata: what the document has of it is left out.'],
};

/** What comes behind an item of a list would change its place. */
function itemObjection({ checkpoint, state }: SaveSubject, { tensors }: Change): string | null {
  if (!(checkpoint instanceof FlaxCheckpoint) || checkpoint.items.size === 0) return null;
  for (const { before, after } of tensors) {
    const stored = before ? (state.stored(before.id)?.name ?? '') : '';
    if (checkpoint.items.has(stored) && after?.name !== stored) {
      return `'${stored}' is an item of a list, which can be neither renamed nor deleted: its name is its place.`;
    }
  }
  return null;
}
