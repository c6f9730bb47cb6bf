/**
 * Runs in the isolated world of every top page before the preload: the renderer's side of the double.
 * `__electronDoublePreload` is the built preload, wrapped by the main process into a function.
 */
import { BINDING, FILES, type FromPage, filePlaceholder, RECEIVER, type ToPage } from '../messages.ts';
import { RefusedByDouble, refusing } from '../refusal.ts';
import { WireCodec } from '../wire.ts';
import { BridgePeer } from './bridge-peer.ts';
import { TO_ISOLATED, TO_MAIN } from './event-names.ts';
import { IpcRenderer } from './ipc-renderer.ts';
import { PagePorts } from './ports.ts';

type Preload = (require: (name: string) => unknown, module: { exports: object }, exports: object) => void;

declare global {
  interface Uint8Array {
    toBase64(): string;
  }
  interface Uint8ArrayConstructor {
    fromBase64(text: string): Uint8Array<ArrayBuffer>;
  }
  var __electronDoubleSend: (message: string) => void;
  var __electronDoublePreload: Preload | undefined;
}

const codec = new WireCodec({
  encode: (bytes) => bytes.toBase64(),
  decode: (text) => Uint8Array.fromBase64(text),
});
const send = globalThis[BINDING];
const post = (message: FromPage): void => send(codec.encode(message));

if (window.top === window) {
  const ipc = new IpcRenderer(post, new PagePorts(post));
  const files: File[] = [];
  Object.assign(globalThis, {
    [RECEIVER]: (text: string) => ipc.receive(codec.decode(text) as ToPage),
    [FILES]: files,
  });
  forwardKeys();
  runPreload(electronOf(ipc, files));
}

function electronOf(ipc: IpcRenderer, files: File[]): object {
  const bridge = new BridgePeer(TO_MAIN, TO_ISOLATED, () => {
    throw new Error('The main world exposes nothing.');
  });
  return refusing("the renderer's electron", {
    contextBridge: refusing('contextBridge', {
      exposeInMainWorld: (key: string, api: unknown) => bridge.expose(key, api),
    }),
    ipcRenderer: ipc.api,
    webUtils: refusing('webUtils', {
      getPathForFile: (file: unknown) => {
        if (!(file instanceof File)) throw new TypeError('Unable to convert to File object.');
        return filePlaceholder(files.push(file) - 1);
      },
    }),
  });
}

function runPreload(electron: object): void {
  const preload = globalThis.__electronDoublePreload;
  if (!preload) return;
  const module = { exports: {} };
  const require = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer' || name === 'electron/common') return electron;
    throw new RefusedByDouble(`module ${name} for a sandboxed preload`);
  };
  try {
    preload(require, module, module.exports);
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    post({ kind: 'preload-error', message, stack: stack ?? '' });
  }
}

/** The menu gets the keys that are left when every handler of the page has run. */
function forwardKeys(): void {
  window.addEventListener(
    'keydown',
    (event) => {
      setTimeout(() => {
        if (event.defaultPrevented || !event.isTrusted) return;
        const { key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
        if (!(ctrlKey || metaKey || altKey || /^F\d+$/.test(key))) return;
        post({ kind: 'key', press: { key, code, ctrlKey, metaKey, shiftKey, altKey } });
      });
    },
    { capture: true },
  );
}
