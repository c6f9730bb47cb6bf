import { needsCast } from '../../checkpoint/onnx/model-edits.ts';
import type { OnnxCheckpoint } from '../../checkpoint/onnx/reader.ts';
import type { DocumentState } from '../state/document-state.ts';
import { foundTensors } from './onnx-content.ts';
import { listed } from './sentences.ts';

/** What a save does to the graph of a model beside its tensors, and to its files. */
export function onnxNotes(
  checkpoint: OnnxCheckpoint,
  { state, own }: { readonly state: DocumentState; readonly own: boolean },
): string[] {
  const notes: string[] = [];
  const cast = castTensors(checkpoint, state);
  if (cast.length > 0) {
    const nodes = cast.length === 1 ? '1 Cast node comes' : `${cast.length} Cast nodes come`;
    notes.push(`${nodes} into the graph, whose nodes take ${listed(cast)} in the former dtype.`);
  }
  const beside = checkpoint.files.length - 1;
  if (!own && beside > 0) {
    notes.push(
      `The values of ${beside === 1 ? 'the file' : `the ${beside} files`} beside the model come into the new file.`,
    );
  }
  return notes;
}

function castTensors(checkpoint: OnnxCheckpoint, state: DocumentState): string[] {
  const founds = foundTensors(checkpoint);
  const names: string[] = [];
  for (const { id, name, dtype } of state.tensors()) {
    const origin = state.stored(id);
    const found = origin && founds.get(origin);
    if (found && origin.dtype !== dtype && needsCast(found)) names.push(name);
  }
  return names;
}
