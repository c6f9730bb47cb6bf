import type { Checkpoint } from '../../../checkpoint/checkpoint.ts';
import { hdf5Format } from '../../../checkpoint/hdf5/formats.ts';
import { Hdf5Checkpoint } from '../../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { hdf5Holds } from '../../../checkpoint/hdf5/write/datatype-message.ts';
import { kerasFormat } from '../../../checkpoint/keras/formats.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter, OutputPlan, SaveSubject } from '../format-writer.ts';
import { changesStructure } from '../hdf5-changes.ts';
import { type Hdf5Content, type Hdf5Subject, planHdf5Content } from '../hdf5-content.ts';
import { newHdf5Content } from '../hdf5-new.ts';
import { hdf5Objection } from '../hdf5-objection.ts';
import { rewrittenArchive, rewrittenFile } from '../hdf5-rewritten.ts';
import { realTarget } from '../replacement.ts';

export const hdf5Writer: FormatWriter = {
  format: 'hdf5',
  label: hdf5Format.label,
  extensions: hdf5Format.extensions,
  holds: hdf5Holds,
  writes: (checkpoint) => checkpoint instanceof Hdf5Checkpoint && checkpoint.format === 'hdf5',
  planOwn: (subject) => planHdf5(subject, 'hdf5'),
  async planNew(subject, target) {
    const made = await newFile(subject);
    return { outputs: [{ target, ...made, kind: 'hdf5' }], removes: [] };
  },
  objection: hdf5Objection,
  keepsOthers: weightsAreFile,
  losses: ({ checkpoint, state }) => [
    ...pathSentences([...state.tensors()].map(({ name }) => name)),
    ...(weightsAreFile(checkpoint)
      ? ['The configuration of the model and the other members of the archive are left out.']
      : []),
  ],
};

/** The weights of an archive are an HDF5 file; all other members stay as they are. */
export const kerasWriter: FormatWriter = {
  format: 'keras',
  label: kerasFormat.label,
  // Without the model's configuration, which only Keras writes, there is no archive.
  extensions: [],
  holds: hdf5Holds,
  writes: (checkpoint) => checkpoint instanceof Hdf5Checkpoint && checkpoint.format === 'keras',
  planOwn: (subject) => planHdf5(subject, 'keras'),
  async planNew() {
    throw new InvalidArgumentError(
      'New Keras archives are not written: they need the configuration of their model. Save the weights as .h5.',
    );
  },
  objection: hdf5Objection,
  losses: () => [],
};

async function planHdf5({ checkpoint, state }: SaveSubject, kind: 'hdf5' | 'keras'): Promise<OutputPlan> {
  if (!(checkpoint instanceof Hdf5Checkpoint)) throw new TypeError(`${checkpoint.path} is no HDF5 file.`);
  const { content, prepare } = await ownContent({ checkpoint, state });
  if (isUnchanged(content) && !prepare) return { outputs: [], removes: [] };
  const target = await realTarget(checkpoint.path);
  return { outputs: [{ target, content, kind, ...(prepare && { prepare }) }], removes: [] };
}

async function ownContent(subject: Hdf5Subject): Promise<Hdf5Content> {
  if (!(await changesStructure(subject))) return await planHdf5Content(subject);
  const { enclosure } = subject.checkpoint;
  return enclosure ? await rewrittenArchive(subject, enclosure) : await rewrittenFile(subject);
}

/** What is no tensor comes along from another HDF5 file, and from the weights of an archive. */
async function newFile({ checkpoint, state }: SaveSubject): Promise<Hdf5Content> {
  if (!(checkpoint instanceof Hdf5Checkpoint)) return { content: await newHdf5Content(state) };
  const subject = { checkpoint, state };
  if (checkpoint.enclosure)
    return weightsAreFile(checkpoint) ? await rewrittenFile(subject) : { content: await newHdf5Content(state) };
  return await ownContent(subject);
}

/** Whether the weights of an archive are an HDF5 file that can be taken out as it is. */
function weightsAreFile(checkpoint: Checkpoint): boolean {
  if (!(checkpoint instanceof Hdf5Checkpoint)) return false;
  return checkpoint.enclosure?.member.method === 'stored' && checkpoint.rewriting.obstacle === null;
}

/** Names of tensors become paths. */
function pathSentences(names: readonly string[]): string[] {
  const first = names.find((name) => !name.startsWith('/'));
  return first === undefined ? [] : [`HDF5 files call tensors by their paths: '${first}' becomes '/${first}'.`];
}
