import { dataTypeNumber } from '../../../checkpoint/onnx/data-types.ts';
import { onnxFormat } from '../../../checkpoint/onnx/formats.ts';
import { OnnxCheckpoint } from '../../../checkpoint/onnx/reader.ts';
import type { FormatWriter, Output, OutputPlan, SaveSubject } from '../format-writer.ts';
import { newOnnxContent, onnxContents } from '../onnx-content.ts';
import { onnxNotes } from '../onnx-notes.ts';
import { checkGraph, onnxObjection } from '../onnx-objection.ts';
import { realTarget } from '../replacement.ts';

export const onnxWriter: FormatWriter = {
  format: 'onnx',
  label: 'ONNX model',
  extensions: onnxFormat.extensions,
  holds: (dtype) => dataTypeNumber(dtype) !== undefined,
  writes: (checkpoint) => checkpoint instanceof OnnxCheckpoint,
  planOwn,
  async planNew({ checkpoint, state }, target) {
    if (!(checkpoint instanceof OnnxCheckpoint)) {
      return { outputs: [{ target, content: newOnnxContent(state), kind: 'onnx' }], removes: [] };
    }
    checkGraph(checkpoint, state);
    const { model } = await onnxContents(checkpoint, { state, inline: true });
    const [base] = checkpoint.files;
    if (!base) throw new TypeError(`${checkpoint.path} has no file.`);
    const content = model ?? { base, segments: [], size: base.stamp.size };
    return { outputs: [{ target, content, kind: 'onnx' }], removes: [] };
  },
  objection: ({ checkpoint, state }, change) =>
    checkpoint instanceof OnnxCheckpoint ? onnxObjection(checkpoint, state, change) : null,
  losses: ({ checkpoint }) =>
    checkpoint instanceof OnnxCheckpoint
      ? []
      : ['The model will hold tensors and metadata, but no nodes: nothing computes with them.'],
  notes: ({ checkpoint, state }, { own }) =>
    checkpoint instanceof OnnxCheckpoint ? onnxNotes(checkpoint, { state, own }) : [],
};

async function planOwn({ checkpoint, state }: SaveSubject): Promise<OutputPlan> {
  if (!(checkpoint instanceof OnnxCheckpoint)) throw new TypeError(`${checkpoint.path} is no ONNX model.`);
  checkGraph(checkpoint, state);
  const { model, external } = await onnxContents(checkpoint, { state, inline: false });
  const outputs: Output[] = [];
  for (const { file, content } of external) {
    outputs.push({ target: await realTarget(checkpoint.files[file]?.path ?? ''), content, kind: 'part' });
  }
  if (model) outputs.push({ target: await realTarget(checkpoint.path), content: model, kind: 'onnx' });
  return { outputs, removes: [] };
}
