import { ARCHITECTURE_KEY, alignmentOf, fieldsFor, SPLIT_KEYS } from '../../../checkpoint/gguf/fields.ts';
import { ggufFormat } from '../../../checkpoint/gguf/formats.ts';
import { nameProblem, tensorProblem } from '../../../checkpoint/gguf/layout.ts';
import { GGUFCheckpoint } from '../../../checkpoint/gguf/reader.ts';
import { typeNumberOf } from '../../../checkpoint/gguf/tensor-types.ts';
import { inferKind } from '../../../checkpoint/gguf/value-text.ts';
import { InvalidArgumentError } from '../../../errors.ts';
import type { Change, Metadata, TensorState } from '../../state/tensor-state.ts';
import { isUnchanged } from '../file-content.ts';
import type { FormatWriter, Output, OutputPlan, SaveSubject } from '../format-writer.ts';
import { newGGUFContent, ownGGUFContent } from '../gguf-content.ts';
import { realTarget } from '../replacement.ts';

export const ggufWriter: FormatWriter = {
  format: 'gguf',
  label: 'GGUF model',
  extensions: ggufFormat.extensions,
  holds: (dtype) => typeNumberOf(dtype) !== undefined,
  writes: (checkpoint) => checkpoint instanceof GGUFCheckpoint,
  planOwn,
  async planNew(subject, target) {
    return { outputs: [{ target, content: await newGGUFContent(subject), kind: 'gguf' }], removes: [] };
  },
  objection({ checkpoint, state }, { tensors, metadata }) {
    if (!(checkpoint instanceof GGUFCheckpoint)) return null;
    if (metadata) checkMetadata(checkpoint, metadata);
    for (const { before, after } of tensors) {
      const reason = after && tensorObjection({ checkpoint, state }, { before, after });
      if (reason) return reason;
    }
    return null;
  },
  losses({ checkpoint, state }) {
    const losses: string[] = [];
    if (!state.metadata.has(ARCHITECTURE_KEY)) {
      losses.push(
        `The file will not say its '${ARCHITECTURE_KEY}', without which llama.cpp does not load it: set that metadata key to have it.`,
      );
    }
    if (checkpoint.values) losses.push('GGUF files hold tensors and metadata: the other values are left out.');
    return losses;
  },
  notes({ checkpoint, state }) {
    const former = checkpoint instanceof GGUFCheckpoint ? checkpoint.parts[0]?.header.alignment : undefined;
    const alignment = alignmentOf(state.metadata);
    return former === undefined || former === alignment
      ? []
      : [`Tensors begin at multiples of ${alignment} bytes instead of ${former}: those that lie elsewhere move.`];
  },
};

/** Only the parts that change are written; a part that holds no tensor any more stays, as the parts are counted. */
async function planOwn({ checkpoint, state }: SaveSubject): Promise<OutputPlan> {
  if (!(checkpoint instanceof GGUFCheckpoint)) throw new TypeError(`${checkpoint.path} is no GGUF model.`);
  const outputs: Output[] = [];
  const tensors = [...state.tensors()];
  for (const [file, { path }] of checkpoint.files.entries()) {
    const own = tensors.filter(({ id }) => (state.stored(id) ?? state.entry(id)).file === file);
    const content = await ownGGUFContent(checkpoint, { state, file, tensors: own });
    if (isUnchanged(content)) continue;
    outputs.push({ target: await realTarget(path), content, kind: checkpoint.files.length === 1 ? 'gguf' : 'part' });
  }
  return { outputs, removes: [] };
}

interface TensorEdit {
  readonly before: TensorState | null;
  readonly after: TensorState;
}

function tensorObjection({ checkpoint, state }: SaveSubject, { before, after }: TensorEdit): string | null {
  const reason = before?.name === after.name ? null : nameProblem(after.name);
  if (reason !== null || after.steps === before?.steps) return reason;
  const { file, shape } = after.value?.entry ?? state.entry(after.id);
  const header = checkpoint instanceof GGUFCheckpoint ? checkpoint.parts[file]?.header : undefined;
  if (header && !header.littleEndian) {
    return `Values of a big-endian GGUF file cannot be changed where they lie: Save as writes a little-endian one.`;
  }
  return tensorProblem({ ...after, shape });
}

/** @throws InvalidArgumentError for a value that its key cannot have. */
function checkMetadata({ parts }: GGUFCheckpoint, { before, after }: NonNullable<Change['metadata']>): void {
  const changed: Metadata = new Map([...after].filter(([key, text]) => before.get(key) !== text));
  for (const key of [...changed.keys(), ...[...before.keys()].filter((former) => !after.has(former))]) {
    if (!SPLIT_KEYS.has(key)) continue;
    throw new InvalidArgumentError(`'${key}' says which part of the model a file is: it cannot be edited.`, { key });
  }
  alignmentOf(after);
  const former = parts[0]?.header.fields.filter(({ key }) => changed.has(key)) ?? [];
  fieldsFor({ former, metadata: changed, littleEndian: true, kindOfNew: inferKind, quantizes: false });
}
