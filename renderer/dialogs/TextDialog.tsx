import { Dialog } from '../ui/Dialog.tsx';
import { useRequest } from '../ui/use-request.ts';
import './text-dialog.css';
import { Problem } from '../ui/Problem.tsx';

/** The texts that lie beside the page, put there by the build. */
export const TEXTS = {
  licences: { title: 'Licences', url: './licences.txt' },
  documentation: { title: 'Documentation', url: './documentation.txt' },
} as const;

interface TextDialogProps {
  readonly text: keyof typeof TEXTS;
  readonly onClose: () => void;
}

/** A long text to scroll through. */
export function TextDialog({ text, onClose }: TextDialogProps) {
  const { title, url } = TEXTS[text];
  const { data, failure } = useRequest({ subject: url, key: url, run: (signal) => fetchText(url, signal) });
  return (
    <Dialog title={title} onClose={onClose} wide>
      {failure ? (
        <Problem message={failure.message} />
      ) : (
        <textarea
          className="text-dialog"
          aria-label={`Text of ${title}`}
          rows={28}
          readOnly
          data-autofocus
          value={data ?? 'Loading…'}
        />
      )}
      <div className="dialog-buttons">
        <span className="spacer" />
        <button type="button" className="primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`The text is not there (status ${response.status}). Run npm run build.`);
  return response.text();
}
