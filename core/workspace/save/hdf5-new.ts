import { USUAL_STYLE } from '../../checkpoint/hdf5/superblock.ts';
import { textAttribute } from '../../checkpoint/hdf5/write/attribute-message.ts';
import { newDataset } from '../../checkpoint/hdf5/write/dataset-object.ts';
import { layoutHdf5 } from '../../checkpoint/hdf5/write/layout.ts';
import type { HdfFile, HdfObject } from '../../checkpoint/hdf5/write/model.ts';
import { ObjectPaths, pathProblem } from '../../checkpoint/hdf5/write/object-paths.ts';
import { InvalidArgumentError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { Segment } from './content.ts';
import { type FileContent, wholeSegment } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import { savedTensors } from './saved-tensor.ts';

const STYLE = { version: 1, flags: 0, extras: Buffer.alloc(0) } as const;

/** The path that a tensor has in an HDF5 file: its name from the root on. */
function hdf5Path(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** A file as h5py has written them since 2008: a dataset per tensor, groups by the slashes in names, metadata as attributes of the root. */
export async function newHdf5Content(state: DocumentState): Promise<FileContent> {
  const attributes = Array.from(state.metadata, ([key, value]) => textAttribute(key, value));
  const group = { links: new Map(), symbols: true };
  const root: HdfObject = { style: STYLE, messages: [], attributes, group, storage: null, described: null };
  const file: HdfFile = { root, objects: new Map(), superblock: USUAL_STYLE };
  const paths = new ObjectPaths(file);
  const tensors = savedTensors(state);
  for (const [index, tensor] of tensors.entries()) {
    const path = hdf5Path(tensor.name);
    const problem = pathProblem(path);
    if (problem !== null) throw new InvalidArgumentError(problem, { name: tensor.name });
    const { nbytes } = tensor;
    const data = nbytes === 0 ? null : ({ kind: 'values', tensor: index, nbytes } as const);
    const object = newDataset(tensor, { kind: 'contiguous', nbytes, data }, STYLE);
    paths.attach(path, { object, soft: null, stored: null });
  }
  const { pieces, total } = await layoutHdf5(file, 0);
  const segments = pieces.flatMap((piece): Segment[] => {
    if (piece.kind === 'bytes') return [{ kind: 'bytes', to: piece.to, bytes: piece.bytes }];
    const tensor = piece.run.kind === 'values' ? tensors[piece.run.tensor] : undefined;
    return tensor ? [wholeSegment(state, tensor.state, piece.to)] : [];
  });
  return { base: null, segments: joinSegments(segments), size: total };
}
