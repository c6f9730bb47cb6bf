import './theme/tokens.css';
import './theme/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startSession } from './actions/session.ts';
import { startShell } from './actions/shell.ts';
import { App } from './app/App.tsx';
import { startTheme } from './theme/theme.ts';

startTheme();
startSession();
startShell();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
