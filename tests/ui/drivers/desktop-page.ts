import type { Locator } from 'playwright-core';
import { AppPage } from './app-page.ts';
import { dropPaths } from './drop-paths.ts';
import type { MainProcess } from './main-process.ts';

/** The desktop's window: files come by the system's dialogs, or as paths that are dropped. */
export abstract class DesktopPage extends AppPage {
  abstract readonly main: MainProcess;

  async open(button: string, ...names: readonly string[]): Promise<void> {
    await this.main.answerOpenDialog(this.paths(names));
    await this.page.getByRole('button', { name: button }).click();
  }

  async saveAs(name: string): Promise<void> {
    await this.main.answerSaveDialog(this.path(name));
    await this.page.getByRole('button', { name: 'Save as…' }).click();
  }

  drop = (...names: readonly string[]): Promise<void> => dropPaths(this.page, this.paths(names));

  dropOnto = (target: Locator, name: string): Promise<void> => dropPaths(this.page, [this.path(name)], target);
}
