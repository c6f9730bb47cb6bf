import { InvalidArgumentError } from '../errors.ts';
import { createInitializer, type InitializerSpec, isInitializer } from '../initializer/index.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Shape } from '../ndarray/shape.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { GradReq } from './parameter-options.ts';
import type { ParameterState } from './parameter-state.ts';
import { formatKnownShape, normalizeShape, UNKNOWN } from './shape-rules.ts';

/** What `checkAndSetAttr` can be asked for; null stands for "whatever there is". */
export interface ParameterAttributes {
  readonly gradReq?: GradReq | null;
  readonly shape?: Shape | number | null;
  readonly dtype?: DType | null;
  readonly lrMult?: number | null;
  readonly wdMult?: number | null;
  readonly init?: InitializerSpec | null;
  readonly allowDeferredInit?: boolean | null;
  readonly differentiable?: boolean | null;
  readonly stype?: StorageType | null;
  readonly gradStype?: StorageType | null;
}

/** What a Parameter has to be reconciled with. */
export type StoredAttributes = Pick<
  ParameterState,
  'gradReq' | 'shape' | 'dtype' | 'init' | 'allowDeferredInit' | 'differentiable' | 'stype' | 'gradStype'
> & { readonly lrMult: number; readonly wdMult: number };

export function attributesOf(
  { gradReq, shape, dtype, init, allowDeferredInit, differentiable, stype, gradStype }: ParameterState,
  { lrMult, wdMult }: { readonly lrMult: number; readonly wdMult: number },
): StoredAttributes {
  return { gradReq, shape, dtype, lrMult, wdMult, init, allowDeferredInit, differentiable, stype, gradStype };
}

/** What has to be set so that the Parameter has the attributes that were asked for. */
export interface AttributeChanges {
  readonly shape?: Shape;
  readonly init?: InitializerSpec;
}

/**
 * Gluon's `_check_and_setattr` (rows P-240 … P-246): what the Parameter lacks is taken over, unknown
 * sizes are filled in, everything else has to be equal.
 *
 * @throws InvalidArgumentError where something differs, and for attributes that do not exist (decision on P-245).
 */
export function reconcile(name: string, stored: StoredAttributes, asked: ParameterAttributes): AttributeChanges {
  let changes: AttributeChanges = {};
  for (const [attribute, value] of Object.entries(asked)) {
    if (!isAttribute(stored, attribute)) {
      throw new InvalidArgumentError(
        `Parameter '${name}' has no attribute '${attribute}': there are ${Object.keys(stored).join(', ')}.`,
      );
    }
    if (attribute === 'shape') changes = { ...changes, ...shapeChange(name, stored.shape, asked.shape ?? null) };
    else if (attribute === 'init' && stored.init === null) changes = { ...changes, ...initChange(asked.init) };
    else if (!isSame(attribute, stored[attribute], value))
      throw differs(name, attribute, { asked: value, stored: stored[attribute] });
  }
  return changes;
}

function shapeChange(name: string, stored: Shape | null, asked: Shape | number | null): AttributeChanges {
  if (stored === null) return asked === null ? {} : { shape: normalizeShape(name, asked) };
  if (asked === null) throw differs(name, 'shape', { asked, stored: formatKnownShape(stored) });
  const merged = mergeShapes(stored, normalizeShape(name, asked));
  if (merged) return { shape: merged };
  const shown = {
    asked: formatKnownShape(typeof asked === 'number' ? [asked] : asked),
    stored: formatKnownShape(stored),
  };
  throw differs(name, 'shape', shown);
}

/** Null where the ranks or two known sizes differ (P-241, P-242). */
function mergeShapes(stored: Shape, asked: Shape): Shape | null {
  const merged = stored.map((size, axis) => (size === UNKNOWN ? (asked[axis] ?? size) : size));
  const fits = stored.length === asked.length && asked.every((size, axis) => size === UNKNOWN || size === merged[axis]);
  return fits ? merged : null;
}

function initChange(asked: InitializerSpec | null | undefined): AttributeChanges {
  return asked === null || asked === undefined ? {} : { init: asked };
}

function isAttribute(stored: StoredAttributes, attribute: string): attribute is keyof StoredAttributes {
  return Object.hasOwn(stored, attribute);
}

/** Initializers are the same where they are equal, however they were written. */
function isSame(attribute: keyof StoredAttributes, stored: unknown, asked: unknown): boolean {
  if (asked === null || asked === undefined || Object.is(stored, asked)) return true;
  return attribute === 'init' && isSpec(stored) && isSpec(asked)
    ? createInitializer(stored).equals(createInitializer(asked))
    : false;
}

function isSpec(value: unknown): value is InitializerSpec {
  return typeof value === 'string' || isInitializer(value);
}

function differs(
  name: string,
  attribute: string,
  { asked, stored }: { readonly asked: unknown; readonly stored: unknown },
): InvalidArgumentError {
  return new InvalidArgumentError(
    `Cannot retrieve Parameter '${name}' because desired attribute does not match with stored for attribute '${attribute}': desired '${asked}' vs stored '${stored}'.`,
    { parameter: name, attribute },
  );
}
