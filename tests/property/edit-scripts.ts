import fc from 'fast-check';
import type { EditInput } from '../../core/workspace/edits.ts';
import {
  castValue,
  indexOf,
  MODEL_DTYPES,
  type ModelDType,
  type ModelTensor,
  scaleValue,
} from '../unit/workspace/model.ts';

/**
 * Random scripts of edits, and a plain model of what they make of a checkpoint: arrays in memory, nothing
 * of ours. A test of any format writes the start, plays the edits on a document, saves, reads the file by
 * other means and compares it with the end.
 */
export interface EditScriptCase {
  readonly start: readonly ModelTensor[];
  /** All edits that are asked for, in order; what is refused changes nothing. */
  readonly attempts: readonly EditAttempt[];
  /** Those of them that are made. */
  readonly edits: readonly EditInput[];
  readonly end: readonly ModelTensor[];
}

export interface EditAttempt {
  readonly edit: EditInput;
  readonly isRefused: boolean;
}

/** An edit, and the model without and with it. */
export interface EditStep {
  readonly edit: EditInput;
  readonly before: readonly ModelTensor[];
  readonly after: readonly ModelTensor[];
}

export interface EditScriptOptions {
  /** What tensors start as. */
  readonly dtypes?: readonly ModelDType[];
  /** What they are cast to; by default the same. */
  readonly casts?: readonly ModelDType[];
  /** The tensors to start with, where they are not to be made up. */
  readonly start?: readonly ModelTensor[];
  /** The names that tensors start with and get later, by a number; a later one may have been given up before. */
  readonly nameOf?: (n: number) => string;
  /** Whether the format cannot hold what an edit makes; by default it holds all. */
  readonly refuses?: (step: EditStep) => boolean;
  /** Kinds of edits that the format takes; by default all. */
  readonly kinds?: readonly MoveKind[];
  readonly maxStart?: number;
  readonly maxEdits?: number;
}

const KINDS = [
  'rename',
  'delete',
  'cast',
  'fill',
  'scale',
  'set',
  'reshape',
  'transpose',
  'slice',
  'concatenate',
  'split',
  'copy',
  'compute',
  'tie',
  'untie',
  'batch',
] as const;
export type MoveKind = (typeof KINDS)[number];

/** Those of one tie are one value. */
interface ScriptTensor extends ModelTensor {
  readonly tie?: number | undefined;
}

/** A step before it is known which tensors there are: numbers to choose by. */
interface Move {
  readonly kind: MoveKind;
  readonly at: number;
  readonly choice: number;
  readonly dtype: ModelDType;
}

interface Planned {
  readonly edit: EditInput;
  readonly after: readonly ScriptTensor[];
}

export function editScripts(options: EditScriptOptions = {}): fc.Arbitrary<EditScriptCase> {
  const {
    dtypes = MODEL_DTYPES,
    casts = dtypes,
    kinds = KINDS,
    maxEdits = 8,
    maxStart = START_MAX,
    nameOf = layerName,
  } = options;
  const move: fc.Arbitrary<Move> = fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.nat({ max: 11 }),
    choice: fc.nat({ max: 1000 }),
    dtype: fc.constantFrom(...casts),
  });
  const madeUp = fc
    .array(modelTensor(dtypes), { minLength: 1, maxLength: maxStart })
    .map((tensors) => tensors.map((tensor, n) => ({ ...tensor, name: nameOf(n) })));
  return fc
    .record({
      start: options.start ? fc.constant(options.start) : madeUp,
      moves: fc.array(move, { minLength: 1, maxLength: maxEdits }),
    })
    .map(({ start, moves }) => script(start, moves, { ...options, nameOf }));
}

const START_MAX = 3;

function layerName(n: number): string {
  return n < START_MAX ? `layer.${n}` : `new.${n}`;
}

function modelTensor(dtypes: readonly ModelDType[]): fc.Arbitrary<Omit<ModelTensor, 'name'>> {
  return fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      seed: fc.array(fc.double({ noNaN: true, min: -300, max: 300 }), { minLength: 64, maxLength: 64 }),
    })
    .map(({ dtype, shape, seed }) => ({
      dtype,
      shape,
      values: seed.slice(0, sizeOf(shape)).map((value) => castValue(value, dtype)),
    }));
}

type Rules = Pick<EditScriptOptions, 'refuses'> & Required<Pick<EditScriptOptions, 'nameOf'>>;

function script(start: readonly ModelTensor[], moves: readonly Move[], { refuses, nameOf }: Rules): EditScriptCase {
  const attempts: EditAttempt[] = [];
  let tensors: readonly ScriptTensor[] = start;
  for (const move of moves) {
    const planned = move.kind === 'batch' ? planBatch(move, tensors, nameOf) : planOne(move, tensors, nameOf);
    if (!planned) continue;
    const { edit, after } = planned;
    const isRefused = refuses?.({ edit, before: tensors, after }) ?? false;
    attempts.push({ edit, isRefused });
    if (!isRefused) tensors = after;
  }
  const edits = attempts.filter(({ isRefused }) => !isRefused).map(({ edit }) => edit);
  return { start, attempts, edits, end: tensors };
}

function planOne(
  move: Move,
  tensors: readonly ScriptTensor[],
  nameOf: EditScriptOptions['nameOf'] & {},
): Planned | null {
  const target = tensors[move.at % Math.max(1, tensors.length)];
  return target ? plan(move, target, { tensors, fresh: freshName(tensors, move.choice, nameOf) }) : null;
}

/** Two other moves as one edit. */
function planBatch(
  move: Move,
  tensors: readonly ScriptTensor[],
  nameOf: EditScriptOptions['nameOf'] & {},
): Planned | null {
  const others = KINDS.filter((kind) => kind !== 'batch');
  let after = tensors;
  const edits: EditInput[] = [];
  for (const choice of [move.choice, move.choice * 7 + 3]) {
    const planned = planOne({ ...move, kind: others[choice % others.length] ?? 'rename', choice }, after, nameOf);
    if (!planned) continue;
    edits.push(planned.edit);
    after = planned.after;
  }
  const single = edits.filter((edit) => edit.kind !== 'batch' && edit.kind !== 'select');
  return single.length === 0 ? null : { edit: { kind: 'batch', edits: single }, after };
}

interface Surroundings {
  readonly tensors: readonly ScriptTensor[];
  /** A name that no tensor has. */
  readonly fresh: string;
}

/** Null where the move means nothing here. */
function plan(move: Move, target: ScriptTensor, { tensors, fresh }: Surroundings): Planned | null {
  const { name, dtype, shape, values, tie } = target;
  const { choice } = move;
  const apart = tie !== undefined && choice % 5 === 0 ? { apart: true } : {};
  const alone = (change: Partial<ScriptTensor>): ScriptTensor[] =>
    tensors.map((tensor) => (tensor === target ? { ...tensor, ...change } : tensor));
  const replaced = (change: Partial<ModelTensor>): ScriptTensor[] =>
    tie === undefined || 'apart' in apart
      ? alone({ ...change, tie: undefined })
      : tensors.map((tensor) => (tensor.tie === tie ? { ...tensor, ...change } : tensor));
  const made = (change: Partial<ModelTensor>): ScriptTensor => ({ ...target, tie: undefined, name: fresh, ...change });
  const axis = shape.length === 0 ? 0 : choice % shape.length;
  const size = shape[axis] ?? 0;
  switch (move.kind) {
    case 'rename':
      return { edit: { kind: 'rename', from: name, to: fresh }, after: alone({ name: fresh }) };
    case 'delete':
      return { edit: { kind: 'delete', select: [name] }, after: tensors.filter((tensor) => tensor !== target) };
    case 'cast': {
      const cast = values.map((value) => castValue(value, move.dtype));
      return {
        edit: { kind: 'cast', select: [name], dtype: move.dtype, ...apart },
        // Nothing happens to one that has the dtype, and nothing is taken apart.
        after: move.dtype === dtype ? tensors : replaced({ dtype: move.dtype, values: cast }),
      };
    }
    case 'fill': {
      const value = choice % 2;
      const filled = values.map(() => castValue(value, dtype));
      return {
        edit: { kind: 'fill', select: [name], value: String(value), ...apart },
        after: replaced({ values: filled }),
      };
    }
    case 'scale': {
      const factor = [2, -3, 0.5][choice % 3] ?? 1;
      const scaled = values.map((value) => scaleValue(value, factor, dtype));
      return { edit: { kind: 'scale', select: [name], factor, ...apart }, after: replaced({ values: scaled }) };
    }
    case 'set': {
      if (values.length === 0) return null;
      const element = choice % values.length;
      const slice = indexOf(element, shape).join(',');
      const value = choice % 2;
      const edit: EditInput = { kind: 'set', name, slice, values: [String(value)], ...apart };
      return { edit, after: replaced({ values: values.with(element, castValue(value, dtype)) }) };
    }
    case 'reshape': {
      const to = [[values.length], [1, ...shape], shape.toReversed()][choice % 3] ?? [...shape];
      return { edit: { kind: 'reshape', name, shape: to, ...apart }, after: replaced({ shape: to }) };
    }
    case 'transpose': {
      const turned = gather(target, shape.toReversed(), (index) => index.toReversed());
      return { edit: { kind: 'transpose', name, ...apart }, after: replaced(turned) };
    }
    case 'slice': {
      if (shape.length === 0 || size === 0) return null;
      const slice = [...shape.map((_, i) => (i === axis ? '::-2' : ':'))].join(',');
      const cut = gather(target, shape.with(axis, Math.ceil(size / 2)), (index) =>
        index.with(axis, size - 1 - 2 * (index[axis] ?? 0)),
      );
      return { edit: { kind: 'slice', name, slice, ...apart }, after: replaced(cut) };
    }
    case 'concatenate': {
      if (shape.length === 0) return null;
      const joined = gather(target, shape.with(axis, 2 * size), (index) => index.with(axis, (index[axis] ?? 0) % size));
      const edit: EditInput = { kind: 'concatenate', names: [name, name], axis, to: fresh };
      return values.length > 64 ? null : { edit, after: [...tensors, made(joined)] };
    }
    case 'split': {
      if (shape.length === 0) return null;
      const first = choice % (size + 1);
      const part = (from: number, count: number): Omit<ModelTensor, 'name' | 'dtype'> =>
        gather(target, shape.with(axis, count), (index) => index.with(axis, (index[axis] ?? 0) + from));
      const edit: EditInput = { kind: 'split', name, axis, sizes: [first, size - first], names: [name, fresh] };
      return { edit, after: [...alone({ ...part(0, first), tie: undefined }), made(part(first, size - first))] };
    }
    case 'copy': {
      const edit: EditInput = { kind: 'copy', source: { tensor: name }, name: fresh };
      return { edit, after: [...tensors, made({})] };
    }
    case 'compute': {
      const computed = values.map((value) => castValue(Number(value) * 0.5 + Math.abs(Number(value)), dtype));
      const edit: EditInput = { kind: 'compute', select: [name], expression: 'x * 0.5 + abs("{name}")', ...apart };
      return { edit, after: replaced({ values: computed }) };
    }
    case 'tie': {
      const fits = (other: ScriptTensor): boolean => other.dtype === dtype && other.shape.join() === shape.join();
      const other = tensors.find((candidate) => candidate !== target && fits(candidate));
      if (!other || (tie !== undefined && other.tie === tie)) return null;
      const joined = tie ?? 1 + Math.max(0, ...tensors.map((tensor) => tensor.tie ?? 0));
      const after = tensors.map((tensor) => {
        if (tensor === target) return { ...tensor, tie: joined };
        return tensor === other ? { ...tensor, values, tie: joined } : tensor;
      });
      return { edit: { kind: 'tie', names: [name, other.name] }, after };
    }
    case 'untie': {
      if (!tensors.some((other) => other !== target && tie !== undefined && other.tie === tie)) return null;
      return { edit: { kind: 'untie', select: [name] }, after: alone({ tie: undefined }) };
    }
    case 'batch':
      return null;
  }
}

function freshName(tensors: readonly ScriptTensor[], choice: number, nameOf: (n: number) => string): string {
  for (let n = choice % 6; ; n++) {
    const fresh = nameOf(n);
    if (!tensors.some(({ name }) => name === fresh)) return fresh;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The element of `tensor` that `from` names for each index of `shape`. */
function gather(
  tensor: ModelTensor,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[],
): Pick<ModelTensor, 'shape' | 'values'> {
  const values = Array.from({ length: sizeOf(shape) }, (_, element) => {
    const index = from(indexOf(element, shape));
    const at = index.reduce((sum, i, axis) => sum * (tensor.shape[axis] ?? 1) + i, 0);
    const value = tensor.values[at];
    if (value === undefined) throw new RangeError(`The model has no element ${at}.`);
    return value;
  });
  return { shape, values };
}
