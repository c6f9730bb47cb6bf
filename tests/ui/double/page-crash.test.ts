import { expect, onTestFinished, test } from 'vitest';
import { launchOnDouble } from '../drivers/double.ts';
import { UserFolder } from '../drivers/user-folder.ts';
import { makeEdit, SAMPLE } from '../support/sample.ts';

// On the double alone: Playwright gives up a page that crashed, and real Electron keeps it for the reload.
test('a page that crashes comes back with the documents and their edits', async () => {
  const folder = new UserFolder();
  folder.put('m.safetensors', SAMPLE);
  const app = await launchOnDouble(folder, { files: ['m.safetensors'] });
  onTestFinished(() => app.close());
  await makeEdit(app.page);
  const crashed = app.page.waitForEvent('crash');
  await app.main.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer();
  }, null);
  await crashed;
  const page = await app.pageAnew();
  await page.getByRole('heading', { name: 'm.safetensors', level: 1 }).waitFor();
  await page.getByRole('region', { name: 'History' }).getByText(/Fill/).waitFor();
  expect(await app.problems()).toEqual([expect.stringMatching(/is gone: crashed/)]);
});
