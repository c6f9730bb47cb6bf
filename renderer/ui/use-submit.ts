import { type FormEvent, useState } from 'react';
import { failureOf, isCancelled } from '../api/errors.ts';

interface Submit {
  /** Why it failed last. */
  readonly problem: string | null;
  readonly busy: boolean;
  readonly submit: (event: FormEvent<HTMLFormElement>) => void;
}

/** A form that is worked on in place of the browser, once at a time. */
export function useSubmit(work: (form: FormData) => Promise<void>): Submit {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (form: FormData): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work(form);
    } catch (error) {
      if (!isCancelled(error)) setProblem(failureOf(error).message);
    }
    setBusy(false);
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void run(new FormData(event.currentTarget));
  };
  return { problem, busy, submit };
}
