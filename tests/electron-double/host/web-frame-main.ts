import { refusing } from '../refusal.ts';

/** The top frame of a page, as `webContents.mainFrame` and `event.senderFrame`. */
export function topFrame(url: () => string): object {
  const frame = {
    get url() {
      return url();
    },
    get origin() {
      const { protocol, host } = new URL(url());
      return `${protocol}//${host}`;
    },
    parent: null,
    frames: [] as const,
    name: '',
    detached: false,
    get top(): object {
      return face;
    },
    isDestroyed: () => false,
  };
  const face = refusing('WebFrameMain', frame);
  return face;
}
