import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { HostMessage, PageBridge } from '../../core/api/types.ts';
import { CHANNELS, type DropAnswer } from '../channels.ts';

/** All that the page can reach. It sees messages and file numbers, never a path and never `ipcRenderer`. */
const bridge: PageBridge<File> = {
  send: (message) => ipcRenderer.send(CHANNELS.message, message),
  onMessage: (listener) => {
    const forward = (_event: unknown, message: HostMessage): void => listener(message);
    ipcRenderer.on(CHANNELS.message, forward);
    return () => {
      ipcRenderer.off(CHANNELS.message, forward);
    };
  },
  fileForDrop: async (file) => {
    const answer: DropAnswer = await ipcRenderer.invoke(CHANNELS.drop, webUtils.getPathForFile(file));
    if ('error' in answer) throw new Error(answer.error.message);
    return answer.file;
  },
};

contextBridge.exposeInMainWorld('parascope', bridge);
