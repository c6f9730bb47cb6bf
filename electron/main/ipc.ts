import { z } from 'zod';
import { createMessageHost, type HostMessage, type MessageHost } from '../../core/api/message-transport.ts';
import { appRouter } from '../../core/api/router.ts';
import type { ApiContext } from '../../core/api/trpc.ts';
import { FileAccessError, ParascopeError } from '../../core/errors.ts';
import { CHANNELS, type DropAnswer } from '../channels.ts';
import type { DesktopFiles } from './desktop-files.ts';
import type { IpcGate } from './ipc-gate.ts';
import { allowsNavigation } from './navigation-policy.ts';

/** The parts of Electron's `WebContents` that are used here. */
export interface Page {
  send(channel: string, message: HostMessage): void;
  isDestroyed(): boolean;
  on(event: 'destroyed' | 'render-process-gone', listener: () => void): unknown;
  on(event: 'did-start-navigation', listener: (details: NavigationStart) => void): unknown;
}

interface NavigationStart {
  readonly url: string;
  readonly isMainFrame: boolean;
  readonly isSameDocument: boolean;
}

export interface IpcOptions {
  readonly gate: IpcGate;
  readonly context: Omit<ApiContext, 'files'> & { readonly files: DesktopFiles };
  /** Whether the file is one that this window made to be dragged out of it. */
  readonly isOwnExport: (path: string) => boolean;
  readonly log: (error: unknown) => void;
}

/** Binds the router to the window's IPC and answers the function that admits a page. */
export function bindIpc({ gate, context, isOwnExport, log }: IpcOptions): (page: Page) => void {
  const hosts = new Map<unknown, MessageHost>();
  gate.on(CHANNELS.message, (message, page) => hosts.get(page)?.receive(message));
  gate.handle(CHANNELS.drop, (path) => grantDropped(path, { files: context.files, isOwnExport, log }));

  return (page) => {
    const renew = (): void => {
      hosts.get(page)?.close();
      hosts.set(page, hostOf(page, context, log));
    };
    gate.admit(page);
    renew();
    // A reloaded page counts its calls from the start again; what the old one asked for is dropped. A navigation
    // that will be refused starts, too, and leaves the page as it is.
    page.on('did-start-navigation', ({ url, isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument && allowsNavigation(url)) renew();
    });
    page.on('render-process-gone', renew);
    page.on('destroyed', () => {
      gate.dismiss(page);
      hosts.get(page)?.close();
      hosts.delete(page);
    });
  };
}

function hostOf(page: Page, context: ApiContext, log: (error: unknown) => void): MessageHost {
  return createMessageHost({
    router: appRouter,
    context,
    post: (message) => {
      if (!page.isDestroyed()) page.send(CHANNELS.message, message);
    },
    onUnforeseen: (error) => log(error.cause ?? error),
  });
}

const droppedPathSchema = z.string().min(1).max(32_767);

interface DropServices extends Pick<IpcOptions, 'isOwnExport' | 'log'> {
  readonly files: DesktopFiles;
}

async function grantDropped(path: unknown, { files, isOwnExport, log }: DropServices): Promise<DropAnswer> {
  try {
    const parsed = droppedPathSchema.safeParse(path);
    if (!parsed.success)
      throw new FileAccessError('What was dropped is no file on this machine. Drop a file from a folder.');
    if (isOwnExport(parsed.data))
      throw new FileAccessError('This was dragged out of this window. Drop it on a folder or another program.');
    return { file: await files.grantExisting(parsed.data) };
  } catch (error) {
    if (error instanceof ParascopeError) return { error: error.toJSON() };
    log(error);
    return { error: new FileAccessError('The dropped file could not be opened; the log has the cause.').toJSON() };
  }
}
