import { type KeyboardEvent, type PointerEvent, useState } from 'react';

export interface SplitLimits {
  readonly initial: number;
  readonly minimum: number;
  readonly maximum: number;
}

interface SplitterProps {
  readonly label: string;
  readonly limits: SplitLimits;
  readonly size: number;
  readonly onResize: (size: number) => void;
}

const STEP = 24;

/** The bar between two panes; drags, and moves by the arrow keys. */
export function Splitter({ label, limits, size, onResize }: SplitterProps) {
  const resize = (wanted: number): void => onResize(clamp(wanted, limits));
  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) resize(size + event.movementX);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const wanted = { ArrowLeft: size - STEP, ArrowRight: size + STEP, Home: limits.minimum, End: limits.maximum }[
      event.key
    ];
    if (wanted === undefined) return;
    event.preventDefault();
    resize(wanted);
  };
  return (
    <div
      role="separator"
      className="splitter"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={size}
      aria-valuemin={limits.minimum}
      aria-valuemax={limits.maximum}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    />
  );
}

/** A pane's size that the window remembers. */
export function useSplit(key: string, limits: SplitLimits): [number, (size: number) => void] {
  const [size, setSize] = useState(() => clamp(Number(window.localStorage.getItem(key) ?? limits.initial), limits));
  const keep = (wanted: number): void => {
    window.localStorage.setItem(key, String(wanted));
    setSize(wanted);
  };
  return [size, keep];
}

function clamp(size: number, { initial, minimum, maximum }: SplitLimits): number {
  return Number.isFinite(size) ? Math.min(Math.max(size, minimum), maximum) : initial;
}
