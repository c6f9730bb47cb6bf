import { serveGpus } from '../../core/device/gpu-page.ts';
import { GPU_PORT_CHANNEL } from '../gpu-channel.ts';

/** The page of the hidden GPU window: serves every `gpu(i)` over the port that its preload hands on. */
function onMessage({ source, data, ports }: MessageEvent): void {
  const [port] = ports;
  if (source !== window || data !== GPU_PORT_CHANNEL || !port) return;
  window.removeEventListener('message', onMessage);
  serveGpus({
    postMessage: (message) => port.postMessage(message),
    addEventListener: (type, listener) => port.addEventListener(type, listener),
    start: () => port.start(),
  });
}

window.addEventListener('message', onMessage);
