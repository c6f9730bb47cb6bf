import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge, HostMessage, ShellCommand } from '../../core/api/types.ts';
import { CHANNELS, type DragOutAnswer, type DropAnswer } from '../channels.ts';

/** All that the page can reach. It sees messages, commands and file numbers, never a path and never `ipcRenderer`. */
const bridge: DesktopBridge<File> = {
  send: (message) => ipcRenderer.send(CHANNELS.message, message),
  onMessage: (listener) => listen<HostMessage>(CHANNELS.message, listener),
  onCommand: (listener) => listen<ShellCommand>(CHANNELS.command, listener),
  onShow: (listener) => listen<string>(CHANNELS.show, listener),
  reportState: (state) => ipcRenderer.send(CHANNELS.state, state),
  fileForDrop: async (file) => {
    const answer: DropAnswer = await ipcRenderer.invoke(CHANNELS.drop, webUtils.getPathForFile(file));
    if ('error' in answer) throw new Error(answer.error.message);
    return answer.file;
  },
  dragOut: async (request) => {
    const answer: DragOutAnswer = await ipcRenderer.invoke(CHANNELS.dragOut, request);
    if (answer.error) throw new Error(answer.error.message);
  },
  giveUpDragOut: () => ipcRenderer.send(CHANNELS.dragGivenUp),
};

/** The event, which holds the sender, stays here: the page gets what was sent. */
function listen<T>(channel: string, listener: (value: T) => void): () => void {
  const forward = (_event: unknown, value: T): void => listener(value);
  ipcRenderer.on(channel, forward);
  return () => {
    ipcRenderer.off(channel, forward);
  };
}

contextBridge.exposeInMainWorld('parascope', bridge);
