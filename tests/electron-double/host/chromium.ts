import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrowserContext, chromium } from 'playwright-core';
import { findChromium } from '../../../scripts/find-chromium.mjs';

const STOP_MS = 5_000;

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
  readonly #flags = [...FLAGS];
  #profile = '';
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
    this.#profile = mkdtempSync(join(tmpdir(), 'parascope-electron-double-'));
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

  /** Chromium ends by itself when this process does; it gets some time to do so in order. */
  async stop(): Promise<void> {
    const context = this.#context;
    if (!context) return;
    this.#context = null;
    await Promise.race([context.close().catch(() => {}), sleep(STOP_MS, undefined, { ref: false })]);
    // Where it did not end in time it still writes; the folder of temporary files is its own affair then.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}
