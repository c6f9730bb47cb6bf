import { hdf5Format } from '../../../checkpoint/hdf5/formats.ts';
import { Hdf5Checkpoint } from '../../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter } from '../format-writer.ts';
import { planHdf5Content } from '../hdf5-content.ts';
import { hdf5Objection } from '../hdf5-objection.ts';
import { realTarget } from '../replacement.ts';

export const hdf5Writer: FormatWriter = {
  format: 'hdf5',
  label: hdf5Format.label,
  // Those of a copy: new files are not written.
  extensions: [],
  writes: (checkpoint) => checkpoint instanceof Hdf5Checkpoint && checkpoint.format === 'hdf5',
  async planOwn({ checkpoint, state }) {
    if (!(checkpoint instanceof Hdf5Checkpoint)) throw new TypeError(`${checkpoint.path} is no HDF5 file.`);
    const { content, prepare } = planHdf5Content({ checkpoint, state });
    if (isUnchanged(content) && !prepare) return { outputs: [], removes: [] };
    const target = await realTarget(checkpoint.path);
    return { outputs: [{ target, content, kind: 'hdf5', ...(prepare && { prepare }) }], removes: [] };
  },
  async planNew() {
    throw new InvalidArgumentError('New HDF5 files are not written. Save where the file lies, or as safetensors.');
  },
  objection: hdf5Objection,
  losses: () => [],
};
