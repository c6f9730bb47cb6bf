import { dtypeOf, type Listing } from '../api/listing.ts';

/** One condition of the filter box; a tensor must meet all of them. */
export type FilterTerm =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'glob'; readonly pattern: RegExp }
  | { readonly kind: 'dtype'; readonly dtype: string }
  | { readonly kind: 'shape'; readonly size: number }
  | { readonly kind: 'size'; readonly compare: Comparison; readonly bytes: number };

type Comparison = '>' | '<' | '>=' | '<=' | '=';

export interface Filter {
  readonly terms: readonly FilterTerm[];
  /** Terms that could not be understood, in words for the user; they are left out of `terms`. */
  readonly problems: readonly string[];
}

const DTYPE_ALIASES: Readonly<Record<string, string>> = {
  f64: 'float64',
  f32: 'float32',
  f16: 'float16',
  half: 'float16',
  bf16: 'bfloat16',
  f8: 'float8',
  fp8: 'float8',
  f4: 'float4',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u64: 'uint64',
  u32: 'uint32',
  u16: 'uint16',
  u8: 'uint8',
  c64: 'complex64',
  c128: 'complex128',
  e4m3: 'float8_e4m3fn',
  e5m2: 'float8_e5m2',
};

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

/** `attn dtype:bf16 shape:4096 size>100MB *.weight`: a space means "and". */
export function parseFilter(text: string): Filter {
  const terms: FilterTerm[] = [];
  const problems: string[] = [];
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    const term = parseTerm(word);
    if (typeof term === 'string') problems.push(term);
    else terms.push(term);
  }
  return { terms, problems };
}

function parseTerm(word: string): FilterTerm | string {
  const dtype = /^dtype:(.*)$/i.exec(word)?.[1];
  if (dtype !== undefined) return dtypeTerm(dtype.toLowerCase());
  const shape = /^shape:(.*)$/i.exec(word)?.[1];
  if (shape !== undefined) {
    return /^\d+$/.test(shape) ? { kind: 'shape', size: Number(shape) } : 'shape: wants one size, as in shape:4096.';
  }
  const size = /^size(>=|<=|>|<|=|:)(.*)$/i.exec(word);
  if (size) return sizeTerm((size[1] ?? '').replace(':', '=') as Comparison, size[2] ?? '');
  if (/[*?]/.test(word)) return { kind: 'glob', pattern: globPattern(word) };
  return { kind: 'text', text: word.toLowerCase() };
}

function dtypeTerm(dtype: string): FilterTerm | string {
  if (dtype === '') return 'dtype: wants a name, as in dtype:bf16.';
  return { kind: 'dtype', dtype: DTYPE_ALIASES[dtype] ?? dtype };
}

function sizeTerm(compare: Comparison, text: string): FilterTerm | string {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text) ?? [];
  const scale = UNITS[unit.toLowerCase()];
  if (digits === undefined || scale === undefined) return 'size wants bytes, as in size>100MB.';
  return { kind: 'size', compare, bytes: Number(digits) * scale };
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'is');
}

/** Positions of the tensors that meet every term, in document order; `lowerNames` are the names in lower case. */
export function matches(listing: Listing, lowerNames: readonly string[], filter: Filter): Uint32Array {
  const found = new Uint32Array(listing.count);
  let count = 0;
  for (let position = 0; position < listing.count; position++) {
    if (filter.terms.every((term) => meets(listing, lowerNames, position, term))) found[count++] = position;
  }
  return found.subarray(0, count);
}

function meets(listing: Listing, lowerNames: readonly string[], position: number, term: FilterTerm): boolean {
  switch (term.kind) {
    case 'text':
      return (lowerNames[position] ?? '').includes(term.text);
    case 'glob':
      return term.pattern.test(listing.names[position] ?? '');
    case 'dtype':
      return isDType(dtypeOf(listing, position), term.dtype);
    case 'shape':
      return listing.dims.subarray(listing.firstDim[position], listing.firstDim[position + 1]).includes(term.size);
    case 'size':
      return compares(listing.bytes[position] ?? 0, term.compare, term.bytes);
  }
}

/** `float8` stands for all its variants; `float` does not stand for `float32`. */
function isDType(dtype: string, wanted: string): boolean {
  return dtype === wanted || dtype.startsWith(`${wanted}_`);
}

function compares(value: number, compare: Comparison, limit: number): boolean {
  switch (compare) {
    case '>':
      return value > limit;
    case '<':
      return value < limit;
    case '>=':
      return value >= limit;
    case '<=':
      return value <= limit;
    case '=':
      return value === limit;
  }
}
