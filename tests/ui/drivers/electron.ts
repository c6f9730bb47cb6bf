import { spawn } from 'node:child_process';
import { type ElectronApplication, _electron as electron, type Locator, type Page } from 'playwright-core';
import { findElectron } from '../../../scripts/electron-binary.mjs';
import type { DesktopApp, LaunchOptions } from './app-under-test.ts';
import { dropPaths } from './drop-paths.ts';
import { MainProcess } from './main-process.ts';
import { STEP_MS, watchProblems } from './page-problems.ts';
import type { UserFolder } from './user-folder.ts';

/** Real Electron, driven by Playwright, as Spectron's successor does. */
export async function launchOnElectron(folder: UserFolder, options: LaunchOptions = {}): Promise<DesktopApp> {
  const app = new ElectronApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class ElectronApp implements DesktopApp {
  readonly host = 'electron';
  readonly main = new MainProcess(
    (evaluated, argument) => this.#running.evaluate(evaluated, argument as never) as never,
  );
  readonly #folder: UserFolder;
  readonly #options: LaunchOptions;
  readonly #problems: string[] = [];
  #app: ElectronApplication | null = null;
  #page: Page | null = null;

  constructor(folder: UserFolder, options: LaunchOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  get page(): Page {
    if (!this.#page) throw new Error('The app is not running.');
    return this.#page;
  }

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
    this.#page = await this.#app.firstWindow();
    this.#page.setDefaultTimeout(STEP_MS);
    watchProblems(this.#page, this.#problems);
    await this.#page.emulateMedia({ colorScheme: this.#options.colorScheme ?? 'light' });
  }

  async problems(): Promise<string[]> {
    return this.#problems.splice(0);
  }

  put = (name: string, bytes: Uint8Array): string => this.#folder.put(name, bytes);
  path = (name: string): string => this.#folder.path(name);

  async open(button: string, ...names: readonly string[]): Promise<void> {
    await this.main.answerOpenDialog(names.map((name) => this.path(name)));
    await this.page.getByRole('button', { name: button }).click();
  }

  async saveAs(name: string): Promise<void> {
    await this.main.answerSaveDialog(this.path(name));
    await this.page.getByRole('button', { name: 'Save as…' }).click();
  }

  dropOnto = (target: Locator, name: string): Promise<void> => dropPaths(this.page, [this.path(name)], target);

  drop = (...names: readonly string[]): Promise<void> =>
    dropPaths(
      this.page,
      names.map((name) => this.path(name)),
    );

  startAgain(...names: readonly string[]): Promise<number> {
    const [binary, args] = this.#commandLine(names);
    const child = spawn(binary, args, { env: this.#folder.environment, stdio: 'ignore' });
    return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  }

  async restart(how: 'end' | 'kill', files: readonly string[] = []): Promise<void> {
    await this.#stop(how);
    await this.start(files);
  }

  async close(): Promise<void> {
    await this.#stop('kill');
    this.#folder.dispose();
  }

  #commandLine(files: readonly string[]): [binary: string, args: string[]] {
    const binary = findElectron();
    if (!binary) throw new Error("Electron's binary is not on this machine.");
    // Chromium's own sandbox wants a user other than root.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const paths = files.map((name) => this.path(name));
    return [binary, ['.', `--user-data-dir=${this.#folder.userData}`, ...asRoot, ...paths]];
  }

  #launch(files: readonly string[]): Promise<ElectronApplication> {
    const [executablePath, args] = this.#commandLine(files);
    return electron.launch({ executablePath, args, env: this.#folder.environment });
  }

  async #stop(how: 'end' | 'kill'): Promise<void> {
    if (this.#running.process().exitCode !== null) return;
    const { ended } = this;
    if (how === 'end') await this.main.quit();
    else this.#running.process().kill('SIGKILL');
    await ended;
  }
}
