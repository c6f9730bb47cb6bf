import { stateDirectory } from '../../core/api/state-directory.ts';
import type { Checkpoint } from '../../core/checkpoint/checkpoint.ts';
import { lazyEntry } from '../../core/checkpoint/lazy-entry.ts';
import { declaredDType } from '../../core/checkpoint/stored-entry.ts';
import { NotFoundError } from '../../core/errors.ts';
import { formatShape } from '../../core/ndarray/shape.ts';
import type { Listing } from '../../core/workspace/contract.ts';
import { type FieldName, isStatistic, quantityOf } from '../../core/workspace/query/fields.ts';
import { parseQuery } from '../../core/workspace/query/parse.ts';
import type { Query, TensorFacts } from '../../core/workspace/query/query.ts';
import { factsOf, type Searched, selectTensors } from '../../core/workspace/query/select-tensors.ts';
import { Scanner } from '../../core/workspace/scan/scanner.ts';
import { statisticsCacheIn } from '../../core/workspace/scan/statistics-cache.ts';
import { type ParsedCommand, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withCheckpoint } from '../opening.ts';
import { formatBytes, formatNumber, printable, printJSON, printLines } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { MEMORY_OPTION, remembers, withEngine } from '../reading.ts';
import { THREADS_OPTION } from '../threads.ts';
import { EXIT, UsageError } from '../usage.ts';

export const find: Command = {
  options: { ...MEMORY_OPTION, ...THREADS_OPTION },
  run: async (command, { json }) => {
    const { files, query } = given(command);
    const fields = statisticsIn(query);
    const found: object[] = [];
    let failures = 0;
    const cache = remembers(command) ? statisticsCacheIn(stateDirectory()) : null;
    await withEngine({ command }, async (engine) => {
      const scanner = new Scanner(engine, cache);
      for (const file of files) {
        const onFound = (facts: TensorFacts): void => {
          if (!json) printLines([lineOf(facts, { fields, file: files.length > 1 ? file : null })]);
        };
        const result = await withCheckpoint(file, (checkpoint) => search(checkpoint, { query, scanner, onFound }));
        for (const facts of result.found) found.push(recordOf(facts, { fields, file }));
        for (const message of result.failures) process.stderr.write(`parascope: ${printable(`${file}: ${message}`)}\n`);
        failures += result.failures.length;
      }
    });
    if (json) printJSON(found);
    if (failures > 0) return EXIT.failed;
    return found.length > 0 ? EXIT.done : EXIT.nothingFound;
  },
};

function given({ positionals }: ParsedCommand): { readonly files: readonly string[]; readonly query: Query } {
  if (positionals.length < 2) throw new UsageError('find wants FILE… and a query. See parascope --help.');
  return { files: positionals.slice(0, -1), query: parseQuery(required(positionals.at(-1))) };
}

/** The statistics that a query asks for, each once. */
function statisticsIn({ terms }: Query): FieldName[] {
  const fields = terms.flatMap((term) => (term.kind === 'comparison' && isStatistic(term.field) ? [term.field] : []));
  return [...new Set(fields)];
}

interface Search {
  readonly query: Query;
  readonly scanner: Scanner;
  /** Told of each tensor as it is found. */
  readonly onFound: (facts: TensorFacts) => void;
}

/** What was found, in file order, and which tensors could not be read. */
async function search(
  checkpoint: Checkpoint,
  { query, scanner, onFound }: Search,
): Promise<{ readonly found: readonly TensorFacts[]; readonly failures: readonly string[] }> {
  const searched = searchable(checkpoint);
  const listing = searched.listing();
  const found = new Map<number, TensorFacts>();
  const progress = new ProgressLine('Reading', 0);
  try {
    const { tensors, failures } = await selectTensors(searched, query, {
      scanner,
      onProgress: (done, total) => progress.update(done, total),
      onFound: (row, statistics) => {
        const facts = factsOf(listing, row, statistics);
        found.set(row, facts);
        progress.end();
        onFound(facts);
      },
    });
    return {
      found: tensors.flatMap((row) => found.get(row) ?? []),
      failures: failures.map(({ tensor, message }) => `'${listing.names[tensor]}' was left out: ${message}`),
    };
  } finally {
    progress.end();
  }
}

/** The tensors as `inspect` lists them, numbered in file order. */
function searchable(checkpoint: Checkpoint): Searched {
  const { entries } = checkpoint;
  const listing: Listing = {
    ids: Uint32Array.from(entries.keys()),
    names: entries.map(({ name }) => name),
    dtypes: entries.map(declaredDType),
    shapes: entries.map(({ shape }) => shape),
    bytes: Float64Array.from(entries, ({ stored, nbytes }) => stored?.nbytes ?? nbytes),
  };
  return {
    listing: () => listing,
    lazy: (row) => {
      const entry = entries[row];
      if (!entry) throw new NotFoundError(`There is no tensor number ${row}.`);
      return lazyEntry(checkpoint, entry);
    },
  };
}

interface Shown<File> {
  readonly fields: readonly FieldName[];
  readonly file: File;
}

function recordOf(facts: TensorFacts, { fields, file }: Shown<string>): object {
  const { name, dtype, shape, bytes } = facts;
  const statistics = Object.fromEntries(fields.map((field) => [field, quantityOf(field, facts)]));
  return { file, name, dtype, shape, nbytes: bytes, ...statistics };
}

function lineOf(facts: TensorFacts, { fields, file }: Shown<string | null>): string {
  const { name, dtype, shape, bytes } = facts;
  return [
    printable(file === null ? name : `${file}: ${name}`),
    dtype,
    formatShape(shape),
    formatBytes(bytes),
    ...fields.map((field) => `${field} ${formatNumber(quantityOf(field, facts))}`),
  ].join('  ');
}
