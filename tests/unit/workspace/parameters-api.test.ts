import { expect, test } from 'vitest';
import type { FileAccess } from '../../../core/api/file-access.ts';
import { appRouter } from '../../../core/api/router.ts';
import { openSmall } from './support.ts';

/** The procedures as pages call them, with all that schemas refuse. */
async function openApi() {
  const { workspace, document } = await openSmall();
  const { parameters } = appRouter.createCaller({ workspace, files: {} as FileAccess, version: 'test' });
  return { parameters, of: { document: document.id, tensor: document.idOf('layer.0.weight') } };
}

test('a page initializes, probes and releases', async () => {
  const { parameters, of } = await openApi();
  await parameters.setGradReq({ ...of, gradReq: 'write' });
  await parameters.initialize({ ...of, initializer: 'constant', arguments: { value: 2 }, devices: ['cpu(1)'] });
  const spec = { as: 'dense', batch: 'ones', seed: 0, batchSize: 2, times: 1 } as const;
  const { parameter, passes } = await parameters.probe({ ...of, ...spec });
  expect(passes).toMatchObject([{ device: 'cpu(1)', pass: 1, loss: 36 }]);
  expect(parameter).toMatchObject({ status: 'initialized', gradReq: 'write', copies: [{ norm: Math.sqrt(24) }] });
  expect(await parameters.release(of)).toMatchObject({ status: 'deferred', copies: [], gradients: [] });
});

test('a batch can be a tensor of an open document', async () => {
  const { parameters, of } = await openApi();
  await parameters.load(of);
  const spec = { ...of, as: 'dense', seed: 0, batchSize: 1, times: 1 } as const;
  const batch = { document: of.document, name: 'layer.0.weight' };
  // [[1, 2, 3], [4, 5, 6]] times its own transpose.
  const { inputShape, passes } = await parameters.probe({ ...spec, batch });
  expect(inputShape).toEqual([2, 3]);
  expect(passes).toMatchObject([{ output: Math.sqrt(14 ** 2 + 2 * 32 ** 2 + 77 ** 2), gradient: null }]);
  const rows = await parameters.probe({ ...spec, as: 'embedding', batch: { ...batch, name: 'mask' } });
  expect(rows).toMatchObject({ inputShape: [4], outputShape: [4, 3] });
  await expect(parameters.probe({ ...spec, batch: { ...batch, name: 'mask' } })).rejects.toThrow(
    /^Parameter 'layer.0.weight': fully_connected .* sizes 3 and 1 differ/,
  );
  await expect(parameters.probe({ ...spec, batch: { ...batch, name: 'no' } })).rejects.toThrow(/no tensor/i);
});

test.each(['load', 'mixed', 'rnnfused', 'toString'])('the initializer %s is not for pages', async (initializer) => {
  const { parameters, of } = await openApi();
  await expect(
    parameters.initialize({ ...of, initializer: initializer as 'zero', arguments: { param: '/etc/passwd' } }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('arguments that no initializer has are refused by name', async () => {
  const { parameters, of } = await openApi();
  await expect(parameters.initialize({ ...of, initializer: 'xavier', arguments: { gain: 1 } })).rejects.toThrow('gain');
  await expect(parameters.initialize({ ...of, initializer: 'normal', arguments: { sigma: 'wide' } })).rejects.toThrow(
    'sigma',
  );
});

test('numbers out of range are refused', async () => {
  const { parameters, of } = await openApi();
  const spec = { as: 'dense', batch: 'ones', seed: 0, batchSize: 2, times: 1 } as const;
  await expect(parameters.probe({ ...of, ...spec, times: 101 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(parameters.probe({ ...of, ...spec, batchSize: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(parameters.setMultipliers({ ...of, lrMult: Number.NaN })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(parameters.resetDevices({ ...of, devices: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a tensor that is not there is not found', async () => {
  const { parameters, of } = await openApi();
  await expect(parameters.load({ ...of, tensor: 99 })).rejects.toThrow(/no tensor/i);
});
