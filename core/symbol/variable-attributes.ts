import { type DType, isDType } from '../ndarray/dtype.ts';
import type { StorageType } from '../ndarray/storage-type.ts';
import type { PartialShape } from './operators/registry.ts';
import { formatPartialShape } from './operators/shapes.ts';

export interface VariableOptions {
  /** Sizes, -1 for unknown ones; null where not even the rank is known. */
  readonly shape?: PartialShape;
  readonly dtype?: DType | undefined;
  readonly lrMult?: number | undefined;
  readonly wdMult?: number | undefined;
  /** The name of an initializer, or the JSON of its dumps(). */
  readonly init?: string | null | undefined;
  readonly stype?: StorageType | undefined;
  /** More attributes, as texts. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** MXNet's numbers for dtypes (mshadow/base.h). */
const DTYPE_CODES: Readonly<Partial<Record<DType, number>>> = {
  float32: 0,
  float64: 1,
  float16: 2,
  uint8: 3,
  int32: 4,
  int8: 5,
  int64: 6,
  bool: 7,
  int16: 8,
  uint16: 9,
  uint32: 10,
  uint64: 11,
  bfloat16: 12,
};

const STORAGE_CODES: Readonly<Record<StorageType, string>> = { default: '0', row_sparse: '1', csr: '2' };

/** MXNet's name for operators that no profiler scope holds. */
const PROFILER_SCOPE = '<unk>:';

/**
 * The attributes of a variable as MXNet's `sym.var` writes them, all texts (P-153). Shape and init are
 * left out where there is none; a dtype that MXNet has no number for is written by its name.
 */
export function variableAttributes(options: VariableOptions): Record<string, string> {
  const { shape, dtype, lrMult, wdMult, init, stype, attributes } = options;
  return {
    ...attributes,
    ...(shape && { __shape__: formatPartialShape(shape) }),
    ...(dtype && { __dtype__: String(DTYPE_CODES[dtype] ?? dtype) }),
    ...(lrMult !== undefined && { __lr_mult__: pythonFloat(lrMult) }),
    ...(wdMult !== undefined && { __wd_mult__: pythonFloat(wdMult) }),
    ...(init && { __init__: init }),
    ...(stype && { __storage_type__: STORAGE_CODES[stype] }),
    __profiler_scope__: PROFILER_SCOPE,
  };
}

/** The shape that `__shape__` names. */
export function parseShapeAttribute(text: string | undefined): PartialShape {
  if (text === undefined || !text.startsWith('(')) return null;
  const sizes = text
    .slice(1, -1)
    .split(',')
    .filter((part) => part.trim() !== '');
  return sizes.map((part) => {
    const size = Number(part);
    return Number.isSafeInteger(size) && size >= 0 ? size : -1;
  });
}

/** The dtype that `__dtype__` names, by number or by name. */
export function parseDTypeAttribute(text: string | undefined): DType | null {
  if (text === undefined) return null;
  const entry = Object.entries(DTYPE_CODES).find(([, code]) => String(code) === text);
  const name = entry ? entry[0] : text;
  return isDType(name) ? name : null;
}

/** As Python prints a float: `1.0`, `0.5`. */
function pythonFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
