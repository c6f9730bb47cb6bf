import type { KeyboardEvent } from 'react';
import { useView, VIEWS, type View } from '../store/view.ts';

export const tabId = (view: View): string => `view-tab-${view}`;
export const panelId = (view: View): string => `view-panel-${view}`;

export function ViewTabs() {
  const { view, setView } = useView();
  const onKeyDown = (event: KeyboardEvent): void => {
    const target = { ArrowLeft: -1, ArrowRight: 1, Home: -VIEWS.length, End: VIEWS.length }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const at = VIEWS.indexOf(view) + target;
    const wraps = Math.abs(target) === 1;
    const next =
      VIEWS[wraps ? (at + VIEWS.length) % VIEWS.length : Math.min(Math.max(at, 0), VIEWS.length - 1)] ?? view;
    setView(next);
    document.getElementById(tabId(next))?.focus();
  };
  return (
    <div role="tablist" aria-label="View" className="view-tabs" onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={tabId(name)}
          aria-selected={name === view}
          {...(name === view ? { 'aria-controls': panelId(name) } : {})}
          tabIndex={name === view ? 0 : -1}
          onClick={() => setView(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
