import { chooseAndOpen, openFile, openSample } from '../actions/open.ts';
import { reporting } from '../actions/report.ts';
import type { FileRef, OfferedFile } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { useAppInfo } from '../store/app-info.ts';
import { useDialogs } from '../store/dialogs.ts';
import { Icon } from '../ui/Icon.tsx';
import './welcome.css';

export function Welcome() {
  const { info, recent } = useAppInfo();
  const ask = useDialogs((state) => state.ask);
  const unsaved = recent.filter((file) => file.unsavedEdits > 0);
  return (
    <div className="welcome">
      <div className="welcome-column">
        <h1>Look inside your weights</h1>
        <p className="lead">
          Open a checkpoint of any size at once: nothing but its header is read until you look. See every tensor, edit
          it, and save without losing a bit you did not touch.
        </p>
        <div className="drop-zone">
          <Icon name="layers" />
          <p className="drop-title">Drop a checkpoint here</p>
          <p className="muted">
            <code>.safetensors</code>, a <code>.safetensors.index.json</code> with its shards, or MXNet{' '}
            <code>.params</code>
          </p>
          <div className="drop-actions">
            <button type="button" className="primary" onClick={() => void chooseAndOpen()}>
              Open a file…
            </button>
            <button type="button" onClick={() => void reporting(openSample)}>
              Open the sample
            </button>
          </div>
        </div>
        {unsaved.length > 0 && (
          <FileSection
            title="Unsaved edits"
            files={unsaved}
            action={(file) => `Resume ${plural(file.unsavedEdits, 'edit')}`}
          />
        )}
        {recent.length > unsaved.length && (
          <FileSection title="Recent files" files={recent.filter((file) => file.unsavedEdits === 0)} />
        )}
        <p className="muted footnote">
          {info ? `Parascope ${info.version}` : 'Connecting…'} ·{' '}
          <button type="button" className="link-button" onClick={() => ask({ kind: 'about' })}>
            About
          </button>{' '}
          · <kbd>Ctrl</kbd> <kbd>O</kbd> opens a file, <kbd>Ctrl</kbd> <kbd>F</kbd> filters tensors
        </p>
      </div>
    </div>
  );
}

function open(file: FileRef): void {
  void reporting(() => openFile(file));
}

interface FileSectionProps {
  readonly title: string;
  readonly files: readonly OfferedFile[];
  readonly action?: (file: OfferedFile) => string;
}

function FileSection({ title, files, action }: FileSectionProps) {
  return (
    <section aria-label={title} className="file-section">
      <h2>{title}</h2>
      <ul>
        {files.map((file) => (
          <li key={JSON.stringify(file.ref)}>
            <button type="button" className="list-button recent-file" onClick={() => open(file.ref)}>
              <Icon name="file" />
              <span className="recent-name">{file.name}</span>
              <span className="muted recent-where">{file.where}</span>
              {action && <span className="badge accent">{action(file)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
