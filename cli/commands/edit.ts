import { realpathSync } from 'node:fs';
import { stateDirectory } from '../../core/api/state-directory.ts';
import type { WritableFormat } from '../../core/checkpoint/checkpoint.ts';
import { CancelledError } from '../../core/errors.ts';
import type { Document, SaveOptions } from '../../core/workspace/contract.ts';
import type { EditRequest } from '../../core/workspace/edits.ts';
import type { SavePlan, SaveResult } from '../../core/workspace/summary.ts';
import { createWorkspace } from '../../core/workspace/workspace.ts';
import { writableFormatOf } from '../../core/workspace/writable-format.ts';
import { flag, positionals, required, value } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EDIT_OPTIONS, madeApart, parseEdits } from '../edit-sequence.ts';
import { formatBytes, printable, printJSON, printLines } from '../output.ts';
import { savePlanLines } from '../save-plan-text.ts';
import { THREADS_OPTION, threadsOf } from '../threads.ts';
import { EXIT, UsageError } from '../usage.ts';

export const edit: Command = {
  options: {
    output: 'string',
    'in-place': 'flag',
    'dry-run': 'flag',
    apart: 'flag',
    ...THREADS_OPTION,
    ...EDIT_OPTIONS,
  },
  run: async (command, { json }) => {
    const [file] = positionals(command, 'IN');
    const input = required(file);
    const output = value(command, 'output');
    const inPlace = flag(command, 'in-place');
    if ((output === undefined) !== inPlace) throw new UsageError('edit wants either -o OUT or --in-place.');
    if (output !== undefined && samePath(input, output)) {
      throw new UsageError(`-o names the input itself; use --in-place to change ${input}.`);
    }
    const edits = parseEdits(command).map((item) => (flag(command, 'apart') ? madeApart(item) : item));
    if (edits.length === 0) throw new UsageError('edit wants at least one operation. See parascope --help.');
    const revision = { input, edits, output: output === undefined ? null : { path: output }, ...threadsOf(command) };
    if (flag(command, 'dry-run')) reportPlan(await applyAndPlan(revision), json);
    else report(await applyAndSave(revision), json);
    return EXIT.done;
  },
};

/** Where a result goes; without a format, the ending of the name decides. */
export interface OutputFile {
  readonly path: string;
  readonly format?: WritableFormat;
}

/** Edits in their order, and where their result goes. */
export interface Revision {
  readonly input: string;
  readonly edits: readonly EditRequest[];
  /** Null saves over the input. */
  readonly output: OutputFile | null;
  /** Of the engine that computes; without it the engine decides. */
  readonly threads?: number;
}

/** Applies the edits and writes the result. Nothing is written unless every edit succeeds. */
export async function applyAndSave(revision: Revision): Promise<SaveResult> {
  const { output } = revision;
  return await withEdited(revision, async (document, signal) => {
    const options: SaveOptions = { signal };
    if (output === null) return await document.save({ ...options, inPlace: true });
    const target = withFormat(output);
    for (const loss of (await document.planSave({ target })).losses)
      process.stderr.write(`parascope: ${printable(loss)}\n`);
    return await document.exportTo(target.path, { ...options, format: target.format });
  });
}

/** What `applyAndSave` would write. */
export async function applyAndPlan(revision: Revision): Promise<SavePlan> {
  const { output } = revision;
  return await withEdited(revision, async (document) =>
    output === null
      ? await document.planSave({ inPlace: true })
      : await document.planSave({ target: withFormat(output) }),
  );
}

function withFormat({ path, format }: OutputFile): Required<OutputFile> {
  return { path, format: format ?? writableFormatOf(path) };
}

/** Opens `input`, applies the edits, and closes it again; an interrupt cancels what `work` does. */
async function withEdited<T>(
  { input, edits, output, ...settings }: Revision,
  work: (document: Document, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const workspace = createWorkspace({ stateDirectory: stateDirectory(), journaling: false, ...settings });
  const interrupt = new AbortController();
  const onSignal = (): void => {
    interrupt.abort(new CancelledError());
    for (const { id } of workspace.tasks()) workspace.cancelTask(id);
  };
  process.once('SIGINT', onSignal);
  try {
    const document = await workspace.open(input, { objects: output === null });
    for (const warning of document.summary().warnings ?? []) process.stderr.write(`parascope: ${printable(warning)}\n`);
    for (const item of edits) await document.edit(item);
    return await work(document, interrupt.signal);
  } finally {
    process.removeListener('SIGINT', onSignal);
    await workspace.close();
  }
}

export function reportPlan(plan: SavePlan, json: boolean): void {
  if (json) printJSON(plan);
  else printLines(savePlanLines(plan));
}

export function report(result: SaveResult, json: boolean): void {
  if (json) printJSON(result);
  else {
    const files = result.files.map(printable).join(', ');
    printLines([
      result.plan === 'none'
        ? 'Nothing changed.'
        : `Wrote ${files}: ${formatBytes(result.bytesWritten)} (${result.plan}).`,
    ]);
  }
}

function samePath(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    // One of them does not exist yet, so they differ.
    return false;
  }
}
