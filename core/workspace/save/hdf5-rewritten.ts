import type { Enclosure } from '../../checkpoint/hdf5/hdf5-checkpoint.ts';
import { InvalidStateError } from '../../errors.ts';
import type { FileContent } from './file-content.ts';
import type { Hdf5Content, Hdf5Subject } from './hdf5-content.ts';
import { type Hdf5Body, Hdf5Rewrite } from './hdf5-rewrite.ts';
import { joinSegments } from './join-segments.ts';
import { KerasArchive, metadataChanges, sharedOut } from './keras-archive.ts';

/** An HDF5 file with its structure written anew: the file that it was, or the weights of an archive as a file of their own. */
export async function rewrittenFile(subject: Hdf5Subject): Promise<Hdf5Content> {
  checkRewritable(subject);
  const attributes = metadataChanges(fileAttributes(subject), subject.state.metadata);
  const rewrite = await Hdf5Rewrite.plan(subject, attributes);
  return await contentOf(rewrite, ({ nbytes, segments }) => ({
    base: null,
    segments: joinSegments(segments(0)),
    size: nbytes,
  }));
}

/** A `.keras` archive with new weights. */
export async function rewrittenArchive(subject: Hdf5Subject, enclosure: Enclosure): Promise<Hdf5Content> {
  checkRewritable(subject);
  const { checkpoint, state } = subject;
  const [file] = checkpoint.files;
  if (!file) throw new TypeError(`${checkpoint.path} has no file.`);
  const changes = metadataChanges(checkpoint.metadata, state.metadata);
  const { attributes, text } = await sharedOut(enclosure, changes, checkpoint.rewriting.attributes);
  const rewrite = await Hdf5Rewrite.plan(subject, attributes);
  const archive = await KerasArchive.open(enclosure, file, text);
  return await contentOf(rewrite, (body) => archive.content(body));
}

async function contentOf(rewrite: Hdf5Rewrite, around: (body: Hdf5Body) => FileContent): Promise<Hdf5Content> {
  const content = around(await rewrite.body());
  if (!rewrite.isEstimate) return { content };
  return { content, prepare: async (work) => around(await rewrite.prepared(work)) };
}

/** The metadata of the document that the HDF5 file itself has as attributes. */
function fileAttributes({ checkpoint }: Hdf5Subject): Record<string, string> {
  if (!checkpoint.enclosure) return checkpoint.metadata;
  const { attributes } = checkpoint.rewriting;
  return Object.fromEntries(Object.entries(checkpoint.metadata).filter(([key]) => attributes.has(key)));
}

/** Edits object to this before they are made; a save of what another program changed since comes here without one. */
function checkRewritable({ checkpoint }: Hdf5Subject): void {
  const { obstacle } = checkpoint.rewriting;
  if (obstacle === null) return;
  throw new InvalidStateError(`Only values can be changed in this HDF5 file. ${obstacle} Save as safetensors instead.`);
}
