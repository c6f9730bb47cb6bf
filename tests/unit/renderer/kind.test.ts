import { expect, test } from 'vitest';
import { kindOf } from '../../../renderer/tree/kind.ts';

test.each([
  ['model.embed_tokens.weight', [32_000, 4096], 'embedding'],
  ['transformer.wte.weight', [50_257, 768], 'embedding'],
  ['bert.embeddings.word_embeddings.weight', [30_522, 768], 'embedding'],
  ['model.layers.0.self_attn.q_proj.weight', [4096, 4096], 'matrix'],
  ['model.layers.0.input_layernorm.weight', [4096], 'norm'],
  ['h.0.ln_1.bias', [768], 'norm'],
  ['bn1.weight', [64], 'norm'],
  ['bn1.running_mean', [64], 'state'],
  ['fc.bias', [10], 'bias'],
  ['conv1.weight', [64, 3, 7, 7], 'convolution'],
  ['conv1d.weight', [64, 3, 7], 'convolution'],
  ['logit_scale', [], 'scalar'],
  ['inv_freq', [64], 'vector'],
  ['optimizer.state.0.exp_avg', [4096, 4096], 'state'],
  ['odd', [1, 2, 3, 4, 5, 6], 'other'],
] as const)('%s of shape %j is taken for: %s', (name, shape, kind) => {
  expect(kindOf(name, shape)).toBe(kind);
});
