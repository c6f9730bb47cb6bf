import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from '../../../scripts/find-chromium.mjs';

const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Where tests attach.
  '--remote-debugging-port=0',
  // A software adapter where the machine has no GPU.
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** The Chromium whose pages are the double's windows. */
export class ChromiumHost {
  readonly #profile = mkdtempSync(join(tmpdir(), 'parascope-electron-double-'));
  readonly #flags = [...FLAGS];
  #context: BrowserContext | null = null;

  /** Before the start: a switch that the app appends to Chromium's command line. */
  addFlag(flag: string): void {
    this.#flags.push(flag);
  }

  async start(): Promise<void> {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('Chromium is not on this machine: install it or set CHROMIUM to its path.');
    // Chromium's own sandbox wants a user other than root.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.#context = await chromium.launchPersistentContext(this.#profile, {
      executablePath,
      args: [...this.#flags, ...asRoot],
      viewport: null,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  }

  get context(): BrowserContext {
    if (!this.#context) throw new Error('Chromium has not started: the app is not ready.');
    return this.#context;
  }

  /** Where a test attaches by the DevTools protocol. */
  get endpoint(): string {
    const [port] = readFileSync(join(this.#profile, 'DevToolsActivePort'), 'utf8').split('\n');
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    await this.#context?.close().catch(() => {});
    this.#context = null;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
