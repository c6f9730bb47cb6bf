import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  CancelledError,
  DeferredInitializationError,
  DeviceMismatchError,
  InvalidArgumentError,
  InvalidStateError,
  ShapeMismatchError,
  UnsupportedDTypeError,
} from '../../../core/errors.ts';
import { warnings } from '../../../core/warnings.ts';
import { float32, openSmall, openWorkspace, safetensorsBytes, scratchFolder } from './support.ts';

test('a tensor of a fresh document is a deferred Parameter whose source is the file', async () => {
  const { document } = await openSmall();
  const { parameter } = await document.detail(document.idOf('layer.0.weight'));
  expect(parameter).toEqual({
    status: 'deferred',
    reason: 'The value is in model.safetensors and has not been read; Load reads it onto cpu(0).',
    dtype: 'float32',
    devices: ['cpu(0)'],
    gradReq: 'null',
    lrMult: 1,
    wdMult: 1,
    copies: [],
    gradients: [],
  });
});

test('load finishes it, release puts it back', async () => {
  const { document, workspace } = await openSmall();
  const id = document.idOf('layer.0.weight');
  const told: number[] = [];
  workspace.subscribe((event) => {
    if (event.type === 'parameter') told.push(event.tensor);
  });
  const loaded = await document.parameters.load(id);
  expect(loaded).toMatchObject({
    status: 'initialized',
    copies: [{ device: 'cpu(0)', dtype: 'float32', bytes: 24, norm: Math.sqrt(91) }],
  });
  expect((await document.parameters.release(id)).status).toBe('deferred');
  expect(told).toEqual([id, id]);
});

test('what is loaded is the edited value', async () => {
  const { document } = await openSmall();
  await document.edit({ kind: 'fill', select: 'layer.0.weight', value: '2' });
  await document.edit({ kind: 'cast', select: 'layer.0.weight', dtype: 'bfloat16' });
  const { copies } = await document.parameters.load(document.idOf('layer.0.weight'));
  expect(copies).toMatchObject([{ device: 'cpu(0)', dtype: 'bfloat16', bytes: 12, norm: Math.sqrt(24) }]);
});

test('an edit of the value makes the copies outdated; one of another tensor or of the name does not', async () => {
  const { document } = await openSmall();
  const id = document.idOf('layer.0.weight');
  await document.parameters.load(id);
  await document.edit({ kind: 'fill', select: 'mask', value: '1' });
  await document.edit({ kind: 'rename', from: 'layer.0.weight', to: 'w' });
  expect((await document.detail(id)).parameter.status).toBe('initialized');
  await document.edit({ kind: 'set', name: 'w', slice: '0,0', values: ['9'] });
  expect((await document.detail(id)).parameter).toMatchObject({
    status: 'deferred',
    reason: 'The value was edited after it was loaded; load it again.',
    copies: [],
  });
  expect((await document.parameters.load(id)).copies).toMatchObject([{ norm: Math.sqrt(171) }]);
});

test('a save leaves loaded copies as they are, and a later load reads the new file', async () => {
  const { document } = await openSmall();
  const id = document.idOf('layer.0.weight');
  await document.edit({ kind: 'fill', select: 'layer.0.weight', value: '1' });
  await document.parameters.load(id);
  await document.save();
  expect((await document.detail(id)).parameter).toMatchObject({
    status: 'initialized',
    copies: [{ norm: Math.sqrt(6) }],
  });
  await document.parameters.release(id);
  expect((await document.parameters.load(id)).copies).toMatchObject([{ norm: Math.sqrt(6) }]);
});

test('a packed tensor says that it wants a cast first', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'packed.safetensors');
  await writeFile(path, safetensorsBytes([{ name: 'p', dtype: 'F4', shape: [4], bytes: Uint8Array.of(0x21, 0x43) }]));
  const document = await openWorkspace(folder).open(path);
  expect((await document.detail(0)).parameter.reason).toContain('cast it first');
  await expect(document.parameters.load(0)).rejects.toThrow(UnsupportedDTypeError);
});

test('a cancelled load leaves it deferred', async () => {
  const { document } = await openSmall();
  await expect(document.parameters.load(0, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  expect((await document.detail(0)).parameter).toMatchObject({ status: 'deferred', copies: [] });
});

const PROBE = { as: 'dense', batch: 'random', seed: 7, batchSize: 4, times: 1 } as const;

async function initialized() {
  const opened = await openSmall();
  const id = opened.document.idOf('layer.0.weight');
  const { parameters } = opened.document;
  await parameters.initialize(id, { initializer: 'one', devices: ['cpu(0)', 'cpu(1)'] });
  return { ...opened, id, parameters };
}

test('initialize puts copies of one value on every device; the document keeps its own', async () => {
  const { document, id, parameters } = await initialized();
  const { parameter, edits } = await document.detail(id);
  expect(parameter).toMatchObject({
    status: 'initialized',
    devices: ['cpu(0)', 'cpu(1)'],
    reason: 'Initialized by one; the document still holds the value of model.safetensors.',
    copies: [
      { device: 'cpu(0)', bytes: 24, norm: Math.sqrt(6), distance: 0, lost: false, failure: null },
      { device: 'cpu(1)', bytes: 24, norm: Math.sqrt(6), distance: 0, lost: false },
    ],
  });
  expect(edits).toEqual([]);
  expect((await parameters.release(id)).status).toBe('deferred');
  expect(await parameters.load(id)).toMatchObject({
    devices: ['cpu(0)', 'cpu(1)'],
    copies: [{ norm: Math.sqrt(91) }, {}],
  });
});

test('initialize leaves an initialized Parameter as it is, with a warning, unless it is forced to', async () => {
  const { id, parameters } = await initialized();
  const heard: string[] = [];
  const ignore = warnings.subscribe(({ message }) => heard.push(message));
  const same = await parameters.initialize(id, { initializer: 'zero' });
  ignore();
  expect(same).toMatchObject({ reason: /Initialized by one/, copies: [{ norm: Math.sqrt(6) }, {}] });
  expect(heard).toEqual([
    "Parameter 'layer.0.weight' is already initialized, ignoring. Set forceReinit to re-initialize.",
  ]);
  const forced = await parameters.initialize(id, { initializer: 'zero', devices: ['cpu(3)'], forceReinit: true });
  expect(forced).toMatchObject({ devices: ['cpu(3)'], copies: [{ device: 'cpu(3)', norm: 0 }] });
});

test('a seed makes random values reproducible', async () => {
  const { id, parameters } = await initialized();
  const spec = { initializer: 'xavier', arguments: { magnitude: 2 }, forceReinit: true, seed: 5 };
  const [first, second] = [await parameters.initialize(id, spec), await parameters.initialize(id, spec)];
  expect(first.copies[0]?.norm).toBeGreaterThan(0);
  expect(second.copies).toEqual(first.copies);
});

test('gradient norms under write and under add, from zero and after Zero', async () => {
  const { document, id, parameters } = await initialized();
  const before = document.summary().devices;
  await parameters.setGradReq(id, 'write');
  expect(document.summary().devices).toEqual(before.map((total) => ({ ...total, gradients: total.copies })));
  const written = await parameters.probe(id, { ...PROBE, times: 2 });
  const [g] = written.passes.map(({ gradient }) => Number(gradient));
  expect(g).toBeGreaterThan(0);
  expect(written).toMatchObject({ inputShape: [4, 3], outputShape: [4, 2] });
  expect(written.passes.map(({ device, pass }) => `${device} ${pass}`)).toEqual([
    'cpu(0) 1',
    'cpu(1) 1',
    'cpu(0) 2',
    'cpu(1) 2',
  ]);
  expect(written.passes.map(({ gradient }) => gradient)).toEqual([g, g, g, g]);

  const add = await parameters.setGradReq(id, 'add');
  expect(add.gradients.map(({ norm }) => norm)).toEqual([0, 0]);
  const added = await parameters.probe(id, { ...PROBE, times: 2 });
  added.passes.forEach(({ gradient, pass }) => {
    expect(Number(gradient)).toBeCloseTo(Number(g) * pass, 5);
  });
  expect((await parameters.zeroGrad(id)).gradients.map(({ norm }) => norm)).toEqual([0, 0]);

  const none = await parameters.setGradReq(id, 'null');
  expect(none.gradients).toEqual([]);
  expect(document.summary().devices).toEqual(before);
  const forward = await parameters.probe(id, PROBE);
  expect(forward.passes.map(({ gradient, output }) => [gradient, Number(output) > 0])).toEqual([
    [null, true],
    [null, true],
  ]);
});

test('the gradient of a dense probe with a batch of ones is what paper says', async () => {
  const { id, parameters } = await initialized();
  await parameters.setGradReq(id, 'write');
  // Every output is 3, the loss is their mean square, so each weight's gradient is 2·3·4/(4·2).
  const { passes } = await parameters.probe(id, { ...PROBE, batch: 'ones' });
  expect(passes[0]).toMatchObject({ loss: 9, output: Math.sqrt(72), gradient: expect.closeTo(Math.sqrt(54), 9) });
});

test.each([
  ['embedding', 'layer.0.weight'],
  ['layer norm', 'layer.0.bias'],
  ['batch norm', 'layer.0.bias'],
  ['bias', 'layer.0.bias'],
  ['scale', 'layer.0.weight'],
] as const)('a probe as %s fills the gradient buffer', async (as, name) => {
  const { document } = await openSmall();
  const id = document.idOf(name);
  await document.parameters.load(id);
  await document.parameters.setGradReq(id, 'write');
  const { passes } = await document.parameters.probe(id, { ...PROBE, as });
  expect(Number(passes[0]?.gradient)).toBeGreaterThan(0);
});

test.each([[[2, 3, 3, 3]], [[2, 3, 5]]])('a probe as convolution takes filters of shape %j', async (shape) => {
  const count = shape.reduce((a, b) => a * b);
  const bytes = float32(...Array.from({ length: count }, (_, i) => Math.sin(i)));
  const { document } = await openSmall([{ name: 'conv.weight', dtype: 'F32', shape, bytes }]);
  await document.parameters.load(0);
  await document.parameters.setGradReq(0, 'write');
  const { passes, outputShape } = await document.parameters.probe(0, { ...PROBE, as: 'convolution' });
  expect(outputShape).toEqual(shape.length === 4 ? [4, 2, 8, 8] : [4, 2, 1, 8]);
  expect(Number(passes[0]?.gradient)).toBeGreaterThan(0);
});

test('a call that fails changes nothing', async () => {
  const { document, id, parameters } = await initialized();
  const before = (await document.detail(id)).parameter;
  await expect(
    parameters.initialize(id, { initializer: 'xavier', arguments: { magnitud: 2 }, forceReinit: true }),
  ).rejects.toThrow(InvalidArgumentError);
  await expect(parameters.resetDevices(id, ['cpu(0)', 'cpu(0)'])).rejects.toThrow('named twice');
  await expect(parameters.resetDevices(id, ['tpu(0)'])).rejects.toThrow(InvalidArgumentError);
  await expect(parameters.resetDevices(id, ['gpu(99)'])).rejects.toThrow(DeviceMismatchError);
  await expect(parameters.cast(id, 'float4_e2m1fn')).rejects.toThrow(UnsupportedDTypeError);
  await expect(parameters.probe(id, { ...PROBE, as: 'bias' })).rejects.toThrow(ShapeMismatchError);
  await expect(parameters.restore(id)).rejects.toThrow(InvalidStateError);
  await expect(parameters.load(id)).rejects.toThrow(InvalidStateError);
  expect((await document.detail(id)).parameter).toEqual(before);
});

test('a probe of a Parameter that holds nothing says what to do', async () => {
  const { document } = await openSmall();
  await expect(document.parameters.probe(document.idOf('layer.0.weight'), PROBE)).rejects.toThrow(
    DeferredInitializationError,
  );
});

test('cast, move and multipliers of the live Parameter are no edits', async () => {
  const { document, id, parameters } = await initialized();
  await parameters.setGradReq(id, 'write');
  expect(await parameters.cast(id, 'float16')).toMatchObject({
    dtype: 'float16',
    copies: [{ bytes: 12 }, { bytes: 12 }],
    gradients: [{ bytes: 12, dtype: 'float16' }, {}],
  });
  expect(await parameters.resetDevices(id, ['cpu(2)'])).toMatchObject({
    devices: ['cpu(2)'],
    copies: [{ device: 'cpu(2)', norm: Math.sqrt(6) }],
  });
  expect(await parameters.setMultipliers(id, { lrMult: 0.1 })).toMatchObject({ lrMult: 0.1, wdMult: 1 });
  expect(document.summary()).toMatchObject({
    dirty: false,
    devices: [{ device: 'cpu(2)', copies: 12, gradients: 12 }],
  });
  expect((await document.detail(id)).dtype).toBe('float32');
});

test('what was set of a Parameter outlives an edit of the value', async () => {
  const { document, id, parameters } = await initialized();
  await parameters.setGradReq(id, 'add');
  await parameters.setMultipliers(id, { wdMult: 0 });
  await document.edit({ kind: 'cast', select: 'layer.0.weight', dtype: 'bfloat16' });
  expect((await document.detail(id)).parameter).toMatchObject({
    status: 'deferred',
    devices: ['cpu(0)', 'cpu(1)'],
    dtype: 'bfloat16',
    gradReq: 'add',
    wdMult: 0,
  });
});

test('copies that differ tell how far they are from their mean; a reset of devices takes the mean', async () => {
  const { id, parameters } = await initialized();
  const changed = await parameters.setCopy(id, { device: 'cpu(1)', slice: '', value: '3' });
  // 1 and 3 are each 1 from their mean, in 6 elements.
  expect(changed).toMatchObject({
    reason:
      'Initialized by one; the document still holds the value of model.safetensors. Its copies were changed since.',
    copies: [
      { norm: Math.sqrt(6), distance: Math.sqrt(6) },
      { norm: Math.sqrt(54), distance: Math.sqrt(6) },
    ],
  });
  const { copies } = await parameters.resetDevices(id, ['cpu(0)', 'cpu(1)']);
  expect(copies.map(({ norm, distance }) => [norm, distance])).toEqual([
    [Math.sqrt(24), 0],
    [Math.sqrt(24), 0],
  ]);
});

test('a write to one copy takes a slice, and refuses what does not fit', async () => {
  const { id, parameters } = await initialized();
  const edit = { device: 'cpu(0)', slice: '1,-1', value: 'nan' };
  expect((await parameters.setCopy(id, edit)).copies).toMatchObject([{ norm: 'NaN' }, { norm: Math.sqrt(6) }]);
  await expect(parameters.setCopy(id, { ...edit, device: 'cpu(9)' })).rejects.toThrow(DeviceMismatchError);
  await expect(parameters.setCopy(id, { ...edit, slice: '7' })).rejects.toThrow(InvalidArgumentError);
  await expect(parameters.setCopy(id, { ...edit, value: 'much' })).rejects.toThrow(InvalidArgumentError);
});
