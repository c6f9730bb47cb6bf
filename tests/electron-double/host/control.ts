import { chromium, takeFaults } from './double.ts';

/** What a test asks of the double's main process, over Node's own IPC. */
export type ControlRequest =
  | { readonly id: number; readonly kind: 'evaluate'; readonly source: string; readonly argument: unknown }
  | { readonly id: number; readonly kind: 'faults' };

export type ControlAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly ready: string };

/** Answers a test that started this process with a channel; without one there is nobody to answer. */
export function serveControl(electron: object): void {
  if (!process.send) return;
  process.on('message', (request: ControlRequest) => {
    Promise.resolve()
      .then(() => answer(request, electron))
      .then(
        (value) => send({ id: request.id, value }),
        (error: unknown) => send({ id: request.id, error: error instanceof Error ? `${error.stack}` : String(error) }),
      );
  });
  // A test that is gone leaves no Chromium behind.
  process.once('disconnect', () => {
    chromium.stop().finally(() => process.exit(1));
  });
}

export function announceReady(): void {
  send({ ready: chromium.endpoint });
}

function answer(request: ControlRequest, electron: object): unknown {
  if (request.kind === 'faults') return takeFaults();
  // As Playwright's electronApplication.evaluate: a function of (electron, argument), as text.
  const evaluated: unknown = new Function(`return (${request.source})`)();
  return (evaluated as (electron: object, argument: unknown) => unknown)(electron, request.argument);
}

function send(message: ControlAnswer): void {
  if (process.connected) process.send?.(message);
}
