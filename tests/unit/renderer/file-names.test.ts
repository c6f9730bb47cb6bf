import { expect, test } from 'vitest';
import { formatOfName, renamedTo } from '../../../renderer/format/file-names.ts';

const FORMATS = [
  { format: 'safetensors', label: 'safetensors', extensions: ['.safetensors'] },
  { format: 'mxnet', label: 'MXNet parameters', extensions: ['.params', '.nd'] },
  { format: 'pytorch', label: 'PyTorch', extensions: ['.pt', '.pth'] },
] as const;

test.each([
  ['a.safetensors', 'safetensors'],
  ['A.PARAMS', 'mxnet'],
  ['x.y.pth', 'pytorch'],
  ['plain', 'safetensors'],
  ['.pt', 'safetensors'],
])('%s is written as %s', (name, format) => {
  expect(formatOfName(name, FORMATS)?.format).toBe(format);
});

test.each([
  ['a.safetensors', 1, 'a.params'],
  ['a.nd', 1, 'a.nd'],
  ['model.v2', 2, 'model.v2.pt'],
  ['a.pth', 0, 'a.safetensors'],
])('%s as format %i is called %s', (name, format, expected) => {
  expect(renamedTo(name, FORMATS[format] ?? FORMATS[0], FORMATS)).toBe(expected);
});
