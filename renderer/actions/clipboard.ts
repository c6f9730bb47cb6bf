import { useNotices } from '../store/notices.ts';

/** By the event of copying: the desktop denies pages the clipboard's own interface. */
export function copyToClipboard(text: string, done: string): void {
  const onCopy = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  window.document.addEventListener('copy', onCopy, { once: true });
  const copied = window.document.execCommand('copy');
  window.document.removeEventListener('copy', onCopy);
  const notices = useNotices.getState();
  if (copied) notices.add('info', done);
  else notices.add('error', 'The clipboard refused the text: select it and copy it by the keyboard.');
}
