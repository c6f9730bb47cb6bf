/** What a tensor most likely is, told from its name and shape: a hint for the eye, not a fact of the file. */
export const KINDS = [
  'embedding',
  'matrix',
  'convolution',
  'norm',
  'bias',
  'vector',
  'scalar',
  'state',
  'other',
] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_GLYPHS: Readonly<Record<Kind, string>> = {
  embedding: 'E',
  matrix: 'M',
  convolution: 'C',
  norm: 'N',
  bias: 'b',
  vector: 'v',
  scalar: 's',
  state: 'S',
  other: '·',
};

const EMBEDDING = /(^|[._/])(\w*embed\w*|wte|wpe|word_embeddings|tok_embeddings|position_ids_embed|lookup)([._/]|$)/i;
const NORM = /(^|[._/])(\w*norm\w*|ln(_?\d+|_f|_\w+)?|bn\d*|batchnorm\w*|layernorm\w*)([._/]|$)/i;
const STATE =
  /(^|[._/])(exp_avg(_sq)?|momentum(_buffer)?|optimizer|running_(mean|var)|num_batches_tracked|step)([._/]|$)/i;
const BIAS = /(^|[._/])(\w*_)?(bias|beta)(_\w+)?$/i;

export function kindOf(name: string, shape: readonly number[]): Kind {
  if (STATE.test(name)) return 'state';
  if (shape.length === 0) return 'scalar';
  if (NORM.test(name) && shape.length === 1) return 'norm';
  if (BIAS.test(name)) return 'bias';
  if (EMBEDDING.test(name) && shape.length === 2) return 'embedding';
  if (shape.length === 1) return 'vector';
  if (shape.length === 2) return 'matrix';
  return shape.length <= 5 ? 'convolution' : 'other';
}
