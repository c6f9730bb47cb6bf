import { z } from 'zod';
import { createMessageHost, type HostMessage, type MessageHost } from '../../core/api/message-transport.ts';
import { appRouter } from '../../core/api/router.ts';
import type { ApiContext } from '../../core/api/trpc.ts';
import { FileAccessError, ParascopeError } from '../../core/errors.ts';
import { CHANNELS, type DropAnswer } from '../channels.ts';
import type { DesktopFiles } from './desktop-files.ts';
import { type SenderFrame, trustsSender } from './navigation-policy.ts';

/** The parts of Electron's `WebContents` that are used here. */
export interface Page {
  send(channel: string, message: HostMessage): void;
  isDestroyed(): boolean;
  on(event: 'destroyed' | 'render-process-gone', listener: () => void): unknown;
  on(event: 'did-start-navigation', listener: (details: NavigationStart) => void): unknown;
}

interface NavigationStart {
  readonly isMainFrame: boolean;
  readonly isSameDocument: boolean;
}

export interface PageEvent {
  readonly sender: unknown;
  readonly senderFrame: SenderFrame | null;
}

/** The parts of Electron's `ipcMain` that are used here. */
export interface IpcMain {
  on(channel: string, listener: (event: PageEvent, message: unknown) => void): unknown;
  handle(channel: string, listener: (event: PageEvent, argument: unknown) => Promise<DropAnswer>): unknown;
}

export interface IpcOptions {
  readonly ipcMain: IpcMain;
  readonly context: Omit<ApiContext, 'files'> & { readonly files: DesktopFiles };
  readonly log: (error: unknown) => void;
}

/**
 * Binds the router to the window's IPC and answers the function that admits a page. Messages of
 * pages that were not admitted, or of frames other than our own top frame, are dropped and logged:
 * an answer would tell an intruder that somebody listens.
 */
export function bindIpc({ ipcMain, context, log }: IpcOptions): (page: Page) => void {
  const hosts = new Map<unknown, MessageHost>();
  const isTrusted = (event: PageEvent, channel: string): boolean => {
    if (hosts.has(event.sender) && trustsSender(event.senderFrame)) return true;
    log(new Error(`A message on ${channel} from ${event.senderFrame?.url ?? 'a frame that is gone'} was dropped.`));
    return false;
  };

  ipcMain.on(CHANNELS.message, (event, message) => {
    if (isTrusted(event, CHANNELS.message)) hosts.get(event.sender)?.receive(message);
  });
  ipcMain.handle(CHANNELS.drop, async (event, path) => {
    if (!isTrusted(event, CHANNELS.drop)) throw new Error('Refused.');
    return grantDropped(context.files, path, log);
  });

  return (page) => {
    const renew = (): void => {
      hosts.get(page)?.close();
      hosts.set(page, hostOf(page, context, log));
    };
    renew();
    // A reloaded page counts its calls from the start again; what the old one asked for is dropped.
    page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) renew();
    });
    page.on('render-process-gone', renew);
    page.on('destroyed', () => {
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

async function grantDropped(files: DesktopFiles, path: unknown, log: (error: unknown) => void): Promise<DropAnswer> {
  try {
    const parsed = droppedPathSchema.safeParse(path);
    if (!parsed.success)
      throw new FileAccessError('What was dropped is no file on this machine. Drop a file from a folder.');
    return { file: await files.grantExisting(parsed.data) };
  } catch (error) {
    if (error instanceof ParascopeError) return { error: error.toJSON() };
    log(error);
    return { error: new FileAccessError('The dropped file could not be opened; the log has the cause.').toJSON() };
  }
}
