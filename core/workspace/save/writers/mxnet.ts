import { mxnetFormat } from '../../../checkpoint/mxnet/formats.ts';
import { MXNetCheckpoint } from '../../../checkpoint/mxnet/reader.ts';
import { flagOfDType } from '../../../checkpoint/mxnet/type-flags.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter } from '../format-writer.ts';
import { planMXNetContent } from '../mxnet-content.ts';
import { realTarget } from '../replacement.ts';

export const mxnetWriter: FormatWriter = {
  format: 'mxnet',
  label: 'MXNet parameters',
  extensions: mxnetFormat.extensions,
  holds: (dtype) => flagOfDType(dtype) !== undefined,
  writes: (checkpoint) => checkpoint instanceof MXNetCheckpoint,
  async planOwn({ checkpoint, state }) {
    const content = planMXNetContent(state, checkpoint instanceof MXNetCheckpoint ? checkpoint : null);
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return { outputs: [{ target: await realTarget(checkpoint.path), content, kind: 'mxnet' }], removes: [] };
  },
  async planNew({ checkpoint, state }, target) {
    const content = planMXNetContent(state, checkpoint instanceof MXNetCheckpoint ? checkpoint : null);
    return { outputs: [{ target, content, kind: 'mxnet' }], removes: [] };
  },
  objection: ({ checkpoint }, { tensors }) => {
    const rewrites = tensors.some(({ after }) => after !== null && after.value !== null);
    const sparse = checkpoint.entries.find((entry) => entry.sparse !== undefined);
    if (!rewrites || !sparse) return null;
    return `The file holds sparse arrays ('${sparse.name}'), which would become dense where tensors are added or take other shapes.`;
  },
  losses: ({ state }) =>
    state.metadata.size === 0 ? [] : ['MXNet files hold no metadata: what the document has of it is left out.'],
};
