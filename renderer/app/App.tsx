import { useEffect } from 'react';
import { CompareView } from '../compare/CompareView.tsx';
import type { DocumentSummary } from '../contract.ts';
import { DialogHost } from '../dialogs/DialogHost.tsx';
import { DocumentView } from '../document/DocumentView.tsx';
import { useShortcuts } from '../keyboard/use-shortcuts.ts';
import { useActiveComparison } from '../store/active-comparison.ts';
import { type Comparison, nameOfComparison } from '../store/comparisons.ts';
import { useActiveDocument, useDocuments } from '../store/documents.ts';
import { TasksRegion } from '../tasks/TasksRegion.tsx';
import { DropTarget } from './DropTarget.tsx';
import { Notices } from './Notices.tsx';
import { TopBar } from './TopBar.tsx';
import { Welcome } from './Welcome.tsx';
import './app.css';

export function App() {
  useShortcuts();
  const document = useActiveDocument();
  const comparison = useActiveComparison();
  const title = useTitle(document, comparison);
  useEffect(() => {
    window.document.title = title;
  }, [title]);
  return (
    <div className="app">
      <TopBar />
      <main className="app-main">
        {document && <DocumentView key={document.id} document={document} />}
        {comparison && <CompareView key={comparison.id} comparison={comparison} />}
        {!document && !comparison && <Welcome />}
      </main>
      <TasksRegion />
      <Notices />
      <DropTarget />
      <DialogHost />
    </div>
  );
}

/** What the window is called after: the document or the comparison in view. */
function useTitle(document: DocumentSummary | null, comparison: Comparison | null): string {
  const compared = useDocuments(({ byId }) => comparison && nameOfComparison(comparison, byId));
  if (document) return `${document.dirty ? '• ' : ''}${document.name} – Parascope`;
  return compared === null ? 'Parascope' : `${compared} – Parascope`;
}
