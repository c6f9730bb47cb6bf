/**
 * Writes assets/sample.safetensors: a small vision-language transformer whose names, shapes, dtypes
 * and value distributions are those of a trained model, with the things that one looks for in
 * weights (an outlier channel, dead embedding rows, a LayerNorm far from 1). Seeded: the same bytes
 * on every machine.
 *
 *   node scripts/make-sample.mjs [OUT]
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SEED = 20_261_122;
const HIDDEN = 64;
const INTERMEDIATE = 160;
const VOCABULARY = 1024;
const LAYERS = 3;
const CONTEXT = 128;

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state are plenty for a sample. */
function uniformFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const uniform = uniformFrom(SEED);

/** Standard normal by Box and Muller. */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const size = (shape) => shape.reduce((product, n) => product * n, 1);
const drawn = (shape, std) => Float32Array.from({ length: size(shape) }, () => normal() * std);
const constant = (shape, value, std = 0) => Float32Array.from({ length: size(shape) }, () => value + normal() * std);

function toBfloat16(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

const ENCODERS = {
  F32: (values) => values,
  BF16: toBfloat16,
  I64: (values) => BigInt64Array.from(values, (value) => BigInt(value)),
  BOOL: (values) => Uint8Array.from(values),
};

/** Alignment in bytes, by which the reference serializer orders the data. */
const ALIGNMENT = { I64: 8, F32: 4, BF16: 2, BOOL: 1 };

const tensors = [];
function add(name, dtype, shape, values) {
  const encoded = ENCODERS[dtype](values);
  tensors.push({ name, dtype, shape, data: Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength) });
}

function addEmbedding() {
  const weight = drawn([VOCABULARY, HIDDEN], 0.02);
  // Tokens that the training data never used keep their zeros.
  for (const row of [17, 18, 19, 511, 1000]) weight.fill(0, row * HIDDEN, (row + 1) * HIDDEN);
  add('model.embed_tokens.weight', 'BF16', [VOCABULARY, HIDDEN], weight);
  add(
    'model.position_ids',
    'I64',
    [1, CONTEXT],
    Array.from({ length: CONTEXT }, (_, i) => i),
  );
}

function addLayer(layer) {
  const prefix = `model.layers.${layer}`;
  const depth = 1 / Math.sqrt(2 * (layer + 1));
  for (const projection of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) {
    const std = (projection === 'o_proj' ? depth : 1) / Math.sqrt(HIDDEN);
    add(`${prefix}.self_attn.${projection}.weight`, 'BF16', [HIDDEN, HIDDEN], drawn([HIDDEN, HIDDEN], std));
  }
  add(`${prefix}.mlp.gate_proj.weight`, 'BF16', [INTERMEDIATE, HIDDEN], drawn([INTERMEDIATE, HIDDEN], 0.125));
  add(`${prefix}.mlp.up_proj.weight`, 'BF16', [INTERMEDIATE, HIDDEN], drawn([INTERMEDIATE, HIDDEN], 0.125));
  const down = drawn([HIDDEN, INTERMEDIATE], 0.08 * depth);
  // One channel far larger than the rest, as trained transformers have.
  for (let column = 0; column < INTERMEDIATE; column++) down[37 * INTERMEDIATE + column] *= 12;
  add(`${prefix}.mlp.down_proj.weight`, 'BF16', [HIDDEN, INTERMEDIATE], down);
  const scale = constant([HIDDEN], 0.4 + 0.25 * layer, 0.05);
  scale[37] = 6.5;
  add(`${prefix}.input_layernorm.weight`, 'F32', [HIDDEN], scale);
  add(`${prefix}.post_attention_layernorm.weight`, 'F32', [HIDDEN], constant([HIDDEN], 0.9, 0.08));
}

function addVision() {
  add('vision.patch_embed.proj.weight', 'F32', [32, 3, 8, 8], drawn([32, 3, 8, 8], 0.07));
  add('vision.patch_embed.proj.bias', 'F32', [32], drawn([32], 0.02));
  add('vision.norm.weight', 'F32', [32], constant([32], 1, 0.03));
  add('vision.norm.bias', 'F32', [32], drawn([32], 0.01));
  add('vision.projector.weight', 'F32', [HIDDEN, 32], drawn([HIDDEN, 32], 0.18));
  add(
    'vision.mask',
    'BOOL',
    [8, 8],
    Array.from({ length: 64 }, (_, i) => Number((i >> 3) + (i & 7) < 11)),
  );
}

function addHead() {
  add('model.norm.weight', 'F32', [HIDDEN], constant([HIDDEN], 1.8, 0.2));
  add('lm_head.weight', 'BF16', [VOCABULARY, HIDDEN], drawn([VOCABULARY, HIDDEN], 0.03));
  add('logit_scale', 'F32', [], Float32Array.of(Math.log(100)));
}

/** The canonical layout of the safetensors reference: data by descending alignment, then name. */
function serialize(metadata) {
  const ordered = tensors.toSorted((a, b) => ALIGNMENT[b.dtype] - ALIGNMENT[a.dtype] || (a.name < b.name ? -1 : 1));
  const header = { __metadata__: metadata };
  let offset = 0;
  for (const { name, dtype, shape, data } of ordered) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), ...ordered.map(({ data }) => data)]);
}

addEmbedding();
for (let layer = 0; layer < LAYERS; layer++) addLayer(layer);
addVision();
addHead();

const out = process.argv[2] ?? fileURLToPath(new URL('../assets/sample.safetensors', import.meta.url));
writeFileSync(
  out,
  serialize({
    format: 'pt',
    model: 'parascope-sample',
    license: 'Apache-2.0',
    note: 'Seeded random numbers; no training took place.',
  }),
);
