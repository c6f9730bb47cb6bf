import type { Page } from 'playwright-core';
import type { FromPage, ToPage } from '../messages.ts';
import { RefusedByDouble } from '../refusal.ts';
import { addresses, chromium } from './double.ts';
import { type Navigation, PageLink } from './page-link.ts';

export interface PageListeners {
  readonly onMessage: (message: FromPage) => void;
  readonly allows: (navigation: Navigation & { readonly redirected: boolean }) => boolean;
  readonly onStart: (navigation: Navigation & { readonly isSameDocument: boolean }) => void;
  readonly onReady: () => void;
  readonly onLoad: () => void;
  readonly onCrash: () => void;
  readonly onClose: () => void;
  readonly onTitle: (title: string) => void;
  readonly onPopup: (url: string) => void;
  readonly allowsDownload: (url: string) => boolean;
  readonly onConsole: (level: string, message: string) => void;
}

interface Opened {
  readonly page: Page;
  readonly link: PageLink;
}

/** One Chromium page. Commands wait for it and keep their order; a crashed page is replaced by a new one. */
export class PageDriver {
  readonly #preload: string | null;
  readonly #listeners: PageListeners;
  #opened: Promise<Opened>;
  #current: Opened | null = null;
  #closed = false;

  constructor(preload: string | null, listeners: PageListeners) {
    this.#preload = preload;
    this.#listeners = listeners;
    this.#opened = this.#open();
    this.#opened.catch((error: unknown) => console.error(error));
  }

  /** Sent at once where the page is there: what is sent earlier has no listener, as in Electron. */
  post(message: ToPage): void {
    this.#current?.link.post(message);
  }

  async run<T>(command: (opened: Opened) => Promise<T>): Promise<T> {
    return command(await this.#opened);
  }

  /** For what nobody waits for, such as a new title bar. */
  perform(command: (opened: Opened) => Promise<unknown>): void {
    this.run(command).catch((error: unknown) => {
      if (!this.#closed) console.error(error);
    });
  }

  async load(url: string): Promise<void> {
    await this.run(({ page }) => page.goto(addresses.toPage(url), { waitUntil: 'load' }));
  }

  /** Takes the place of a page whose process is gone. */
  replace(): void {
    const { page } = this.#current ?? {};
    this.#current = null;
    this.#opened = this.#open();
    page?.close().catch(() => {});
  }

  async close(runBeforeUnload: boolean): Promise<void> {
    await this.run(({ page }) => page.close({ runBeforeUnload }));
  }

  async #open(): Promise<Opened> {
    const page = await chromium.context.newPage();
    const listeners = this.#listeners;
    const isCurrent = (): boolean => this.#current?.page === page;
    page.on('domcontentloaded', () => listeners.onReady());
    page.on('load', () => {
      listeners.onLoad();
      page.title().then(listeners.onTitle, () => {});
    });
    page.on('crash', () => isCurrent() && listeners.onCrash());
    page.on('close', () => {
      if (!isCurrent()) return;
      this.#closed = true;
      listeners.onClose();
    });
    page.on('popup', (popup) => {
      listeners.onPopup(popup.url());
      popup.close().catch(() => {});
    });
    page.on('download', (download) => {
      if (listeners.allowsDownload(download.url())) throw new RefusedByDouble('downloads');
      // A small file is there before anybody could be asked; what counts is the answer.
      download.cancel().catch(() => {});
    });
    page.on('console', (message) => listeners.onConsole(message.type(), message.text()));
    const { onMessage, allows, onStart } = listeners;
    const link = await PageLink.attach({ page, preload: this.#preload, onMessage, allows, onStart });
    this.#current = { page, link };
    return this.#current;
  }
}
