import { expect, test } from 'vitest';
import { scratchName } from '../../../cli/serve/checkpoint-names.ts';

test.each([
  ['model.safetensors', 'model.safetensors'],
  ['Model.SafeTensors', 'Model.SafeTensors'],
  ['../../etc/passwd', '__.._etc_passwd'],
  ['a\\b:c.safetensors', 'a_b_c.safetensors'],
  ['.hidden', '_hidden'],
  ['', 'upload'],
  ['.safetensors', '_safetensors'],
  ['line\nbreak.safetensors', 'line_break.safetensors'],
])('an upload named %j lies in the scratch folder as %j', (name, expected) => {
  expect(scratchName(name)).toBe(expected);
});

test('a long name is cut, its ending kept', () => {
  const name = scratchName(`${'é'.repeat(500)}.safetensors.index.json`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/é\.safetensors\.index\.json$/);
});
