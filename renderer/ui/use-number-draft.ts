import { type ChangeEvent, type KeyboardEvent, useRef, useState } from 'react';
import { failureOf } from '../api/errors.ts';

export interface NumberDraftOptions {
  readonly label: string;
  /** Null where the field is left empty. */
  readonly value: number | null;
  /** How the value is shown; by default with all its digits. */
  readonly format?: (value: number) => string;
  /** Why a number will not do; null where it does. */
  readonly problemOf?: (value: number) => string | null;
  /** Takes a number over; may refuse it by failing. */
  readonly onCommit: (value: number) => void | Promise<void>;
  /** Where the field may be left empty. */
  readonly onClear?: () => void;
}

/** What is typed into a field for a number, until it is taken over or put back. */
export function useNumberDraft({ label, value, format = String, problemOf, onCommit, onClear }: NumberDraftOptions) {
  const [typed, setTyped] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const sent = useRef<string | null>(null);
  const shown = value === null ? '' : format(value);

  const number = typed === null || typed.trim() === '' ? null : Number(typed);
  const type = (text: string | null): void => {
    setTyped(text);
    setRefusal(null);
  };
  const problemNow = (): string | null => {
    if (typed === null) return null;
    if (number === null && onClear) return null;
    if (number === null || !Number.isFinite(number)) return `${label} is a number, such as 1 or 0.1.`;
    return problemOf?.(number) ?? null;
  };
  const problem = problemNow();

  const commit = async (): Promise<void> => {
    if (typed === null || problem !== null || typed === sent.current) return;
    if (typed === shown) {
      type(null);
      return;
    }
    sent.current = typed;
    try {
      await (number === null ? onClear?.() : onCommit(number));
      setTyped((now) => (now === typed ? null : now));
    } catch (error) {
      setRefusal(failureOf(error).message);
    }
    sent.current = null;
  };

  return {
    value: typed ?? shown,
    problem: problem ?? refusal,
    onChange: (event: ChangeEvent<HTMLInputElement>): void => type(event.target.value),
    onBlur: (): void => void commit(),
    onKeyDown: (event: KeyboardEvent): void => {
      if (event.key === 'Enter') void commit();
      else if (event.key === 'Escape') type(null);
    },
  };
}
