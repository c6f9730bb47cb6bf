/** Runs in a page's own world before its scripts: the receiving end of contextBridge. */
import { BridgePeer } from './bridge-peer.ts';
import { TO_ISOLATED, TO_MAIN } from './event-names.ts';

if (window.top === window) {
  new BridgePeer(TO_ISOLATED, TO_MAIN, (key, api) => {
    Object.defineProperty(window, key, { value: frozen(api), writable: false, configurable: false, enumerable: true });
  });
  refuseTransfersToMain();
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}

/** A message whose transfer list holds an ArrayBuffer never arrives in Electron's main process (electron#34905). */
function refuseTransfersToMain(): void {
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, options?: unknown): void {
    const transfer = Array.isArray(options) ? options : (options as StructuredSerializeOptions | undefined)?.transfer;
    if (transfer?.some((item) => item instanceof ArrayBuffer)) {
      throw new Error(
        'The double of Electron refuses to transfer an ArrayBuffer over a MessagePort: Electron loses such a message ' +
          'on its way to the main process. Send it without a transfer list.',
      );
    }
    Reflect.apply(post, this, options === undefined ? [message] : [message, options]);
  };
}
