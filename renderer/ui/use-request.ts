import { useCallback, useEffect, useRef, useState } from 'react';
import { type Failure, failureOf, isCancelled } from '../api/errors.ts';

export interface RequestSpec<T> {
  /** What the data is about: when it changes, old data is dropped at once. */
  readonly subject: string;
  /** When it changes, the request is made anew; data of the same subject stays until the answer comes. */
  readonly key: string;
  /** `preview` shows what is known so far, while the rest is on its way. */
  readonly run: (signal: AbortSignal, preview: (data: T) => void) => Promise<T>;
}

export interface RequestState<T> {
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly pending: boolean;
  /** True where the user stopped it. */
  readonly cancelled: boolean;
  readonly cancel: () => void;
  readonly retry: () => void;
}

interface Answer<T> {
  readonly subject: string;
  readonly key: string;
  readonly data: T | null;
  readonly failure: Failure | null;
  readonly cancelled: boolean;
}

/** One request whose latest wins: a change of key aborts the one under way. */
export function useRequest<T>({ subject, key, run }: RequestSpec<T>): RequestState<T> {
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const latestRun = useRef(run);
  latestRun.current = run;
  const controller = useRef<AbortController | null>(null);
  const wanted = `${key}#${attempt}`;

  useEffect(() => {
    const mine = new AbortController();
    controller.current = mine;
    const settle = (change: Partial<Answer<T>>): void =>
      setAnswer((known) => ({
        subject,
        key: wanted,
        data: known?.subject === subject ? known.data : null,
        failure: null,
        cancelled: false,
        ...change,
      }));
    const preview = (data: T): void => {
      if (!mine.signal.aborted) settle({ data, key: PREVIEW });
    };
    latestRun.current(mine.signal, preview).then(
      (data) => {
        if (!mine.signal.aborted) settle({ data });
      },
      (error: unknown) => {
        if (mine.signal.reason === LEFT) return;
        settle(isCancelled(error) ? { cancelled: true } : { failure: failureOf(error) });
      },
    );
    return () => mine.abort(LEFT);
  }, [subject, wanted]);

  const cancel = useCallback(() => controller.current?.abort(), []);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  const current = answer?.key === wanted ? answer : null;
  return {
    data: answer?.subject === subject ? answer.data : null,
    failure: current?.failure ?? null,
    cancelled: current?.cancelled ?? false,
    pending: current === null,
    cancel,
    retry,
  };
}

/** The key of an answer that is not the last one. */
const PREVIEW = '';

/** Why a request ended whose view has gone or has asked for something else. */
const LEFT = new DOMException('The view has moved on.', 'AbortError');
