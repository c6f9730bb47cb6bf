import { ipcRenderer } from 'electron';
import { GPU_PORT_CHANNEL } from '../gpu-channel.ts';

/** Hands the port from the main process on to the page of the GPU window, and nothing else, once. */
ipcRenderer.once(GPU_PORT_CHANNEL, ({ ports }) => {
  window.postMessage(GPU_PORT_CHANNEL, window.location.origin, [...ports]);
});
