import { spawn } from 'node:child_process';
import { type ElectronApplication, _electron as electron } from 'playwright-core';
import { findElectron } from '../../../scripts/electron-binary.mjs';
import type { DesktopApp, LaunchOptions } from './app-under-test.ts';
import { DesktopPage } from './desktop-page.ts';
import { MainProcess } from './main-process.ts';
import type { UserFolder } from './user-folder.ts';

/** Real Electron, driven by Playwright, as Spectron's successor does. */
export async function launchOnElectron(folder: UserFolder, options: LaunchOptions = {}): Promise<DesktopApp> {
  const app = new ElectronApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class ElectronApp extends DesktopPage implements DesktopApp {
  readonly host = 'electron';
  readonly main = new MainProcess(
    (evaluated, argument) => this.#running.evaluate(evaluated, argument as never) as never,
  );
  #app: ElectronApplication | null = null;

  get #running(): ElectronApplication {
    if (!this.#app) throw new Error('The app is not running.');
    return this.#app;
  }

  get ended(): Promise<number> {
    const child = this.#running.process();
    return new Promise((resolve) => {
      if (child.exitCode !== null) resolve(child.exitCode);
      else child.once('exit', (code) => resolve(code ?? -1));
    });
  }

  async start(files: readonly string[]): Promise<void> {
    this.#app = await this.#launch(files);
    this.adopt(await this.#app.firstWindow());
    await this.page.emulateMedia({ colorScheme: this.colorScheme });
  }

  startAgain(...names: readonly string[]): Promise<number> {
    const [binary, args] = this.#commandLine(names);
    const child = spawn(binary, args, { env: this.folder.environment, stdio: 'ignore' });
    return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  }

  async restart(how: 'end' | 'kill', files: readonly string[] = []): Promise<void> {
    await this.#stop(how);
    await this.start(files);
  }

  async close(): Promise<void> {
    await this.#stop('kill');
    this.folder.dispose();
  }

  #commandLine(files: readonly string[]): [binary: string, args: string[]] {
    const binary = findElectron();
    if (!binary) throw new Error("Electron's binary is not on this machine.");
    // Chromium's own sandbox wants a user other than root.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return [binary, ['.', `--user-data-dir=${this.folder.userData}`, ...asRoot, ...this.paths(files)]];
  }

  #launch(files: readonly string[]): Promise<ElectronApplication> {
    const [executablePath, args] = this.#commandLine(files);
    return electron.launch({ executablePath, args, env: this.folder.environment });
  }

  async #stop(how: 'end' | 'kill'): Promise<void> {
    if (this.#running.process().exitCode !== null) return;
    const { ended } = this;
    if (how === 'end') await this.main.quit();
    else this.#running.process().kill('SIGKILL');
    await ended;
  }
}
