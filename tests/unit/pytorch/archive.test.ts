import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { int, TorchFile, text } from './make-torch.ts';

const folder = temporaryFolder();

async function floatsOf(path: string, name: string): Promise<number[]> {
  const checkpoint = await openCheckpoint(path);
  const entry = checkpoint.find(name);
  if (!entry) throw new Error(`${name} is missing`);
  const bytes = Uint8Array.from(await checkpoint.read(entry));
  return [...new Float32Array(bytes.buffer)];
}

const numbers = Float32Array.of(1, -2, 3.5, 4, 0, -6, 7, 8);
const storage = new Uint8Array(numbers.buffer);

/** `_rebuild_tensor_v2` with the metadata that torch keeps of conjugated and negated tensors. */
function flagged(type: string, size: number, flags: readonly string[]): string {
  const reference = `(${text('storage')}ctorch\n${type}\n${text('0')}${text('cpu')}${int(size)}tQ`;
  const metadata = `}(${flags.map((flag) => `${text(flag)}\x88`).join('')}u`;
  const view = `${int(0)}(${int(size)}t(${int(1)}t\x89ccollections\nOrderedDict\n)R`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${reference}${view}${metadata}tR`;
}

test('a big-endian archive gives the same numbers, contiguous or strided', async () => {
  const swapped = Buffer.from(storage).swap32();
  const file = new TorchFile()
    .storage('0', swapped)
    .member('archive/byteorder', 'big')
    .tensor('w', { size: [8], stride: [1] })
    .tensor('t', { size: [4, 2], stride: [1, 4] });
  const path = folder.write('big.pt', file.bytes());
  expect(await floatsOf(path, 'w')).toEqual([...numbers]);
  expect(await floatsOf(path, 't')).toEqual([1, 0, -2, -6, 3.5, 7, 4, 8]);
});

test('conjugated and negated tensors give the values that torch shows', async () => {
  const file = new TorchFile()
    .storage('0', storage)
    .value('conj', flagged('ComplexFloatStorage', 4, ['conj']))
    .value('neg', flagged('FloatStorage', 8, ['neg']))
    .value('both', flagged('ComplexFloatStorage', 4, ['conj', 'neg']));
  const path = folder.write('flags.pt', file.bytes());
  expect(await floatsOf(path, 'conj')).toEqual([1, 2, 3.5, -4, 0, 6, 7, -8]);
  expect(await floatsOf(path, 'neg')).toEqual([-1, 2, -3.5, -4, -0, 6, -7, -8]);
  expect(await floatsOf(path, 'both')).toEqual([-1, -2, -3.5, 4, -0, -6, -7, 8]);
  const { entries } = await openCheckpoint(path);
  expect(entries.map(({ facts }) => facts?.is_conj)).toEqual(['true', undefined, 'true']);
});

test('a tensor on the meta device is shown as one without values', async () => {
  const meta = 'ctorch._utils\n_rebuild_meta_tensor_no_storage\n(ctorch\nfloat16\n(K\x02K\x03t(K\x03K\x01t\x89tR';
  const file = new TorchFile()
    .storage('0', storage)
    .tensor('w', { size: [8], stride: [1] })
    .value('m', meta);
  const checkpoint = await openCheckpoint(folder.write('meta.pt', file.bytes()));
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(['w']);
  expect(checkpoint.values).toEqual([
    expect.objectContaining({ key: 'm', text: expect.stringContaining('without values') }),
  ]);
});

test('a module lists its parameters by their names in state_dict, and its own lists of them not again', async () => {
  const tensor = new TorchFile().storage('0', storage);
  const weight = `${flagged('FloatStorage', 8, [])}q\x07`;
  const state = `}(${text('_parameters')}}(${text('weight')}${weight}u${text('_buffers')}}${text('_modules')}}${text('_flat')}](h\x07eu`;
  const child = `cmy.layers\nLayer\n)\x81${state}b`;
  const parent = `}(${text('_parameters')}}${text('_buffers')}}${text('_modules')}}(${text('inner')}${child}u${text('depth')}K\x03u`;
  const path = folder.write('module.pt', tensor.pickle(`\x80\x02cmy.models\nModel\n)\x81${parent}b.`).bytes());
  const checkpoint = await openCheckpoint(path);
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(['inner.weight']);
  expect(checkpoint.values).toMatchObject([{ kind: 'object', type: 'my.models.Model' }]);
  expect(checkpoint.values?.[0]?.children).toContainEqual({ key: 'depth', kind: 'number', text: '3' });
});

test('an unknown class around tensors hides none of them', async () => {
  const tensor = flagged('FloatStorage', 8, []);
  const file = new TorchFile()
    .storage('0', storage)
    .value('ema', `cmy.ema\nEMA\n(${tensor}K\x05tR}(${text('shadow')}${tensor}ub`);
  const checkpoint = await openCheckpoint(folder.write('ema.pt', file.bytes()));
  expect(checkpoint.entries.map(({ name }) => name)).toEqual(['ema.args.0', 'ema.shadow']);
  expect(checkpoint.values).toMatchObject([{ key: 'ema', kind: 'object', type: 'my.ema.EMA' }]);
});

test('a storage of a class that torch does not have is refused by its name', async () => {
  const file = new TorchFile().storage('0', storage).value('w', flagged('StrangeStorage', 8, []));
  await expect(openCheckpoint(folder.write('strange.pt', file.bytes()))).rejects.toThrow(
    /unknown class torch\.StrangeStorage/,
  );
});

test('a zip archive that is no checkpoint says so', async () => {
  const bytes = new TorchFile().bytes();
  const at = bytes.indexOf('archive/data.pkl');
  const renamed = Buffer.from(bytes.toString('latin1').replaceAll('archive/data.pkl', 'archive/other.tx'), 'latin1');
  expect(at).toBeGreaterThan(0);
  await expect(openCheckpoint(folder.write('other.pt', renamed))).rejects.toThrow(/without a data\.pkl: no PyTorch/);
});
