import { InvalidArgumentError } from '../../errors.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import { parseSlice } from '../../ndarray/slice.ts';
import type { DocumentState } from '../state/document-state.ts';
import { withStep } from '../state/tensor-state.ts';
import { base64, checkUnpacked, encodeNamed } from './elementwise.ts';
import type { PlannedEdit } from './planned-edit.ts';

interface SetEdit {
  readonly name: string;
  readonly slice: string;
  readonly values: readonly string[];
}

/** Longer lists of values are cut short in labels. */
const LABEL_VALUES = 3;

export function planSet(state: DocumentState, { name, slice, values }: SetEdit): PlannedEdit {
  const before = state.byName(name);
  checkUnpacked(before);
  const { shape } = state.entry(before.id);
  const { ranges } = parseSlice(slice, shape);
  const selected = elementCount(ranges.map(({ count }) => count));
  if (selected === 0) {
    throw new InvalidArgumentError(`[${slice}] selects no element of '${name}' with shape ${formatShape(shape)}.`, {
      name,
      slice,
    });
  }
  if (values.length !== 1 && values.length !== selected) {
    const expected = selected === 1 ? '1 value' : `1 or ${selected} values`;
    throw new InvalidArgumentError(`${name}[${slice}] expected ${expected}, got ${values.length}.`, { name, slice });
  }
  const elements = values.map((value) => encodeNamed(name, value, before.dtype));
  const label = `Set ${name}[${slice}] = ${valuesLabel(values)}`;
  const after = withStep(before, { kind: 'set', ranges, data: base64(Buffer.concat(elements)) }, label);
  return { label, tensors: 1, change: { tensors: [{ before, after }], metadata: null } };
}

function valuesLabel(values: readonly string[]): string {
  const shown = values.slice(0, LABEL_VALUES).join(', ');
  return values.length > LABEL_VALUES ? `${shown}, … (${values.length} values)` : shown;
}
