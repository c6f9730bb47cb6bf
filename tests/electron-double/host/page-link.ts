import type { CDPSession, Page } from 'playwright-core';
import {
  BINDING,
  FILE_PLACEHOLDER,
  FILES,
  type FromPage,
  filePlaceholder,
  ISOLATED_WORLD,
  RECEIVER,
  type ToPage,
} from '../messages.ts';
import { WireCodec } from '../wire.ts';
import { pageScripts } from './page-scripts.ts';

const codec = new WireCodec({
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
});

export interface Navigation {
  readonly url: string;
  readonly isMainFrame: boolean;
}

export interface PageLinkOptions {
  readonly page: Page;
  readonly preload: string | null;
  readonly onMessage: (message: FromPage) => void;
  /** False keeps the page where it is. */
  readonly allows: (navigation: Navigation & { readonly redirected: boolean }) => boolean;
  readonly onStart: (navigation: Navigation & { readonly isSameDocument: boolean }) => void;
}

/** The DevTools session of one page: its isolated world, the messages to and from it, and its navigations. */
export class PageLink {
  readonly #session: CDPSession;
  readonly #options: PageLinkOptions;
  readonly #mainFrame: string;
  #context: string | null = null;
  #delivery: Promise<unknown> = Promise.resolve();

  static async attach(options: PageLinkOptions): Promise<PageLink> {
    const session = await options.page.context().newCDPSession(options.page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const link = new PageLink(session, options, frameTree.frame.id);
    await link.#start();
    return link;
  }

  private constructor(session: CDPSession, options: PageLinkOptions, mainFrame: string) {
    this.#session = session;
    this.#options = options;
    this.#mainFrame = mainFrame;
  }

  get session(): CDPSession {
    return this.#session;
  }

  /** What is sent while no document of ours is there is lost, as in Electron. */
  post(message: ToPage): void {
    const context = this.#context;
    if (context === null) return;
    const expression = `${RECEIVER}(${JSON.stringify(codec.encode(message))})`;
    this.#session.send('Runtime.evaluate', { expression, uniqueContextId: context }).catch(() => {});
  }

  async #start(): Promise<void> {
    const session = this.#session;
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { frameId?: string };
      if (context.name === ISOLATED_WORLD && frameId === this.#mainFrame) this.#context = context.uniqueId;
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextUniqueId }) => {
      if (this.#context === executionContextUniqueId) this.#context = null;
    });
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === BINDING) this.#receive(payload);
    });
    this.#followNavigation();
    await session.send('Page.enable');
    await session.send('Runtime.enable');
    await session.send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Request' }] });
    await session.send('Runtime.addBinding', { name: BINDING, executionContextName: ISOLATED_WORLD });
    const scripts = pageScripts(this.#options.preload);
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.mainWorld });
    await session.send('Page.addScriptToEvaluateOnNewDocument', {
      source: scripts.isolated,
      worldName: ISOLATED_WORLD,
    });
  }

  #followNavigation(): void {
    const session = this.#session;
    session.on('Page.frameStartedNavigating', ({ frameId, url, navigationType }) => {
      const isSameDocument = navigationType === 'sameDocument' || navigationType === 'historySameDocument';
      this.#options.onStart({ url, isMainFrame: frameId === this.#mainFrame, isSameDocument });
    });
    session.on('Fetch.requestPaused', ({ requestId, request, frameId, redirectedRequestId }) => {
      const isMainFrame = frameId === this.#mainFrame;
      const allowed = this.#options.allows({
        url: request.url,
        isMainFrame,
        redirected: redirectedRequestId !== undefined,
      });
      const sent = allowed
        ? session.send('Fetch.continueRequest', { requestId })
        : session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
      sent.catch(() => {});
    });
  }

  /** Messages keep their order, also where one waits for the path of a file. */
  #receive(payload: string): void {
    const message = codec.decode(payload) as FromPage;
    const deliver = async (): Promise<void> => {
      this.#options.onMessage(hasFile(message) ? await this.#withPaths(message) : message);
    };
    this.#delivery = this.#delivery.then(deliver).catch((error: unknown) => {
      console.error(error);
    });
  }

  async #withPaths(message: Extract<FromPage, { args: unknown }>): Promise<FromPage> {
    const args = message.args.map(async (arg) => {
      const file = fileOf(arg);
      return file === null ? arg : this.#pathOf(file);
    });
    return { ...message, args: await Promise.all(args) };
  }

  async #pathOf(file: number): Promise<string> {
    const { result } = await this.#session.send('Runtime.evaluate', {
      expression: `${FILES}[${file}]`,
      ...(this.#context === null ? {} : { uniqueContextId: this.#context }),
    });
    if (!result.objectId) throw new Error(`The page that asked for the path of ${filePlaceholder(file)} is gone.`);
    return (await this.#session.send('DOM.getFileInfo', { objectId: result.objectId })).path;
  }
}

function fileOf(value: unknown): number | null {
  const match = typeof value === 'string' ? FILE_PLACEHOLDER.exec(value) : null;
  return match ? Number(match[1]) : null;
}

function hasFile(message: FromPage): message is Extract<FromPage, { args: unknown }> {
  return 'args' in message && message.args.some((arg) => fileOf(arg) !== null);
}
