import type { Locator, Page } from 'playwright-core';

/**
 * Drops files of the disk on a window, as the desktop would. The DevTools protocol gives a file input
 * real files (with their paths, which `webUtils.getPathForFile` asks for); the drop carries them on.
 */
export async function dropPaths(page: Page, paths: readonly string[], onto: Locator = page.locator('body')) {
  await onto.evaluate((target) => Object.assign(globalThis, { testDropTarget: target }));
  const session = await page.context().newCDPSession(page);
  const input = await session.send('Runtime.evaluate', {
    expression: `(() => {
      const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true });
      globalThis.testDrop = input;
      return input;
    })()`,
  });
  const { objectId } = input.result;
  if (!objectId) throw new Error('The page made no file input.');
  await session.send('DOM.setFileInputFiles', { files: [...paths], objectId });
  await session.send('Runtime.evaluate', {
    expression: `(() => {
      const dataTransfer = new DataTransfer();
      for (const file of globalThis.testDrop.files) dataTransfer.items.add(file);
      for (const type of ['dragenter', 'dragover', 'drop']) {
        globalThis.testDropTarget.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      }
      delete globalThis.testDrop;
      delete globalThis.testDropTarget;
    })()`,
  });
  await session.detach();
}
