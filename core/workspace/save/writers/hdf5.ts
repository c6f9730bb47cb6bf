import { hdf5Format } from '../../../checkpoint/hdf5/formats.ts';
import { Hdf5Checkpoint } from '../../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { kerasFormat } from '../../../checkpoint/keras/formats.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter, OutputPlan, SaveSubject } from '../format-writer.ts';
import { planHdf5Content } from '../hdf5-content.ts';
import { hdf5Objection } from '../hdf5-objection.ts';
import { realTarget } from '../replacement.ts';

export const hdf5Writer: FormatWriter = {
  format: 'hdf5',
  label: hdf5Format.label,
  // New files are not written.
  extensions: [],
  writes: (checkpoint) => checkpoint instanceof Hdf5Checkpoint && checkpoint.format === 'hdf5',
  planOwn: (subject) => planHdf5(subject, 'hdf5'),
  planNew: () => refuseNew('HDF5 files'),
  objection: hdf5Objection,
  losses: () => [],
};

/** The weights of an archive are an HDF5 file; all other members stay as they are. */
export const kerasWriter: FormatWriter = {
  format: 'keras',
  label: kerasFormat.label,
  extensions: [],
  writes: (checkpoint) => checkpoint instanceof Hdf5Checkpoint && checkpoint.format === 'keras',
  planOwn: (subject) => planHdf5(subject, 'keras'),
  planNew: () => refuseNew('Keras archives'),
  objection: hdf5Objection,
  losses: () => [],
};

async function planHdf5({ checkpoint, state }: SaveSubject, kind: 'hdf5' | 'keras'): Promise<OutputPlan> {
  if (!(checkpoint instanceof Hdf5Checkpoint)) throw new TypeError(`${checkpoint.path} is no HDF5 file.`);
  const { content, prepare } = await planHdf5Content({ checkpoint, state });
  if (isUnchanged(content) && !prepare) return { outputs: [], removes: [] };
  const target = await realTarget(checkpoint.path);
  return { outputs: [{ target, content, kind, ...(prepare && { prepare }) }], removes: [] };
}

async function refuseNew(files: string): Promise<never> {
  throw new InvalidArgumentError(`New ${files} are not written. Save where the file lies, or as safetensors.`);
}
