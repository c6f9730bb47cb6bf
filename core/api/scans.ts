import { z } from 'zod';
import type { Document, Workspace } from '../workspace/contract.ts';
import { parseQuery } from '../workspace/query/parse.ts';
import { type Finding, findingsOf } from '../workspace/scan/health.ts';
import { type ScanFailure, type ScanOptions, wantedFirst } from '../workspace/scan/scan.ts';
import { pulses } from './pulses.ts';
import { trpc } from './trpc.ts';

const { router, procedure } = trpc;

/** More than a window shows. */
const MOST_FIRST = 1000;
/** Failures that are told one by one. */
const MOST_FAILURES = 20;

const ofDocument = z.strictObject({
  document: z.string().min(1).max(64),
  /** Tensors that are read before the others: those on screen. */
  first: z.array(z.int().nonnegative()).max(MOST_FIRST).default([]),
});

/** How far the reading is, in bytes; a total of 0 where nothing is read. */
interface Reading {
  readonly done: number;
  readonly total: number;
}

/** How it ended. */
interface ScanEnd {
  /** How many tensors could not be read, and the first of them. */
  readonly failed: number;
  readonly failures: readonly ScanFailure[];
}

/** Part of an answer: what is new since the last one. The one with an `end` is the last. */
export interface FindEvent {
  readonly tensors: readonly number[];
  readonly reading: Reading;
  readonly end: ScanEnd | null;
}

export interface TensorFindings {
  readonly tensor: number;
  readonly findings: readonly Finding[];
}

export interface HealthEvent {
  /** Of tensors in which something stands out. */
  readonly found: readonly TensorFindings[];
  /** How many tensors are known by now. */
  readonly scanned: number;
  readonly reading: Reading;
  /** `unread`: tensors that only a scan that reads would know. */
  readonly end: (ScanEnd & { readonly unread: number }) | null;
}

/** What a scan has gathered since it was last asked. */
class Gathered<Item, End> {
  #items: Item[] = [];
  #reading: Reading = { done: 0, total: 0 };
  #isNew = false;
  end: End | null = null;

  add(item: Item): void {
    this.#items.push(item);
    this.#isNew = true;
  }

  read(done: number, total: number): void {
    this.#reading = { done, total };
    this.#isNew = true;
  }

  take(): { readonly items: readonly Item[]; readonly reading: Reading; readonly end: End | null } | null {
    if (!this.#isNew && this.end === null) return null;
    const taken = { items: this.#items, reading: this.#reading, end: this.end };
    this.#items = [];
    this.#isNew = false;
    return taken;
  }
}

interface Search {
  readonly workspace: Workspace;
  readonly document: Document;
  readonly first: ReadonlySet<number>;
  readonly signal: AbortSignal | undefined;
}

async function* find({ workspace, document, first, signal }: Search, text: string): AsyncGenerator<FindEvent> {
  const query = parseQuery(text);
  const gathered = new Gathered<number, ScanEnd>();
  const search = (stop: AbortSignal): Promise<void> =>
    workspace.runTask(
      { title: 'Search', document: document.id, total: 0 },
      async (task) => {
        const { failures } = await workspace.select(document.id, query, {
          first,
          signal: task.signal,
          onProgress: bothOf(task.onProgress, gathered),
          onFound: (tensor) => gathered.add(tensor),
        });
        gathered.end = endOf(failures);
      },
      { signal: stop },
    );
  const take = (): FindEvent | null => {
    const taken = gathered.take();
    return taken && { tensors: taken.items, reading: taken.reading, end: taken.end };
  };
  yield* pulses(search, take, signal);
}

async function* health(
  { workspace, document, first, signal }: Search,
  knownOnly: boolean,
): AsyncGenerator<HealthEvent> {
  const gathered = new Gathered<TensorFindings, ScanEnd & { readonly unread: number }>();
  const tensors = wantedFirst([...document.listing().ids], first);
  let scanned = 0;
  const onResult: ScanOptions['onResult'] = (tensor, statistics) => {
    scanned += 1;
    const findings = findingsOf(statistics);
    if (findings.length > 0) gathered.add({ tensor, findings });
  };
  const scan = (stop: AbortSignal): Promise<void> =>
    workspace.runTask(
      { title: 'Scan', document: document.id, total: 0 },
      async (task) => {
        const follow = { signal: task.signal, onProgress: bothOf(task.onProgress, gathered) };
        const { unread, failures } = await workspace.scanner.scan(
          { tensors, lazy: (tensor) => document.lazy(tensor) },
          { ...follow, knownOnly, onResult },
        );
        gathered.end = { ...endOf(failures), unread };
      },
      { signal: stop },
    );
  const take = (): HealthEvent | null => {
    const taken = gathered.take();
    return taken && { found: taken.items, scanned, reading: taken.reading, end: taken.end };
  };
  yield* pulses(scan, take, signal);
}

function bothOf(
  report: (done: number, total: number) => void,
  gathered: Gathered<unknown, unknown>,
): (done: number, total: number) => void {
  return (done, total) => {
    report(done, total);
    gathered.read(done, total);
  };
}

function endOf(failures: readonly ScanFailure[]): ScanEnd {
  return { failed: failures.length, failures: failures.slice(0, MOST_FAILURES) };
}

/** Work on all tensors of a document; each runs as a task, and unsubscribing cancels it. */
export const scans = router({
  /** The tensors that meet a query, as they are found. */
  find: procedure
    .input(ofDocument.extend({ query: z.string().max(4096) }))
    .subscription(({ ctx: { workspace }, input, signal }) => {
      const document = workspace.document(input.document);
      return find({ workspace, document, first: new Set(input.first), signal }, input.query);
    }),
  /** What stands out in the tensors; `knownOnly` tells what earlier scans found, and reads nothing. */
  health: procedure
    .input(ofDocument.extend({ knownOnly: z.boolean().default(false) }))
    .subscription(({ ctx: { workspace }, input, signal }) => {
      const document = workspace.document(input.document);
      return health({ workspace, document, first: new Set(input.first), signal }, input.knownOnly);
    }),
});
