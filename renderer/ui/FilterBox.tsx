import type { ReactNode, RefObject } from 'react';
import { Icon } from './Icon.tsx';
import './list-pane.css';

interface FilterBoxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (filter: string) => void;
  readonly boxRef?: RefObject<HTMLInputElement | null>;
  /** The id of what is said of the filter. */
  readonly describedBy?: string;
  readonly maxLength?: number;
  /** Shown at its end. */
  readonly children?: ReactNode;
}

/** Above a list, what is to be found in it. Each view has one, where Ctrl+F leads. */
export function FilterBox({ label, placeholder, value, onChange, ...rest }: FilterBoxProps) {
  const { boxRef, describedBy, maxLength, children } = rest;
  return (
    <div className="filter-box">
      <Icon name="search" />
      <input
        type="search"
        ref={boxRef}
        id="tensor-filter"
        maxLength={maxLength}
        aria-label={label}
        aria-describedby={describedBy}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {children}
    </div>
  );
}
