import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DragOutRequest, dragOutSchema } from '../../../core/api/shell.ts';
import { InvalidArgumentError, ParascopeError } from '../../../core/errors.ts';
import type { Document, Workspace } from '../../../core/workspace/contract.ts';
import { exportedBytes, exportTensors, type NamedTensor } from '../../../core/workspace/export-tensors.ts';
import { CHANNELS, type DragOutAnswer } from '../../channels.ts';
import type { IpcGate } from '../ipc-gate.ts';
import type { DragFolder } from './drag-folder.ts';
import { exportName } from './export-name.ts';

export interface DragOutServices {
  readonly workspace: Pick<Workspace, 'document' | 'engine' | 'runTask'>;
  readonly folder: DragFolder;
  /** Begins the platform's drag with a file. */
  readonly startDrag: (path: string) => void;
  readonly log: (error: unknown) => void;
}

/** Rows that are dragged out of the window become files while the drag begins. The last drag is the one that counts. */
export function bindDragOut(gate: IpcGate, services: DragOutServices): void {
  let current = new AbortController();
  gate.on(CHANNELS.dragGivenUp, () => current.abort());
  gate.handle(CHANNELS.dragOut, async (message): Promise<DragOutAnswer> => {
    current.abort();
    current = new AbortController();
    const { signal } = current;
    try {
      const path = await exportDragged(parsed(message), services, signal);
      if (signal.aborted) await rm(dirname(path), { recursive: true, force: true });
      else services.startDrag(path);
      return { error: null };
    } catch (error) {
      if (signal.aborted) return { error: null };
      if (error instanceof ParascopeError) return { error: error.toJSON() };
      services.log(error);
      return { error: new InvalidArgumentError('The tensors could not be exported; the log has the cause.').toJSON() };
    }
  });
}

function parsed(message: unknown): DragOutRequest {
  const result = dragOutSchema.safeParse(message);
  if (result.success) return result.data;
  throw new InvalidArgumentError('This cannot be dragged out: at most 10,000 tensors go into one file.');
}

async function exportDragged(
  { document: id, tensors: ids, format }: DragOutRequest,
  { workspace, folder }: DragOutServices,
  signal: AbortSignal,
): Promise<string> {
  const document = workspace.document(id);
  const tensors = namedTensors(document, ids);
  const room = await folder.makeRoom();
  const path = join(room, exportName(tensors, { document: document.summary().name, format }));
  try {
    const spec = { title: 'Export for dragging', document: id, total: exportedBytes(tensors) };
    await workspace.runTask(spec, (work) => exportTensors(path, tensors, { ...work, engine: workspace.engine }), {
      signal,
    });
    return path;
  } catch (error) {
    await rm(room, { recursive: true, force: true });
    throw error;
  }
}

function namedTensors(document: Document, ids: readonly number[]): NamedTensor[] {
  const { ids: listed, names } = document.listing();
  const nameOf = new Map<number, string>();
  for (const [position, id] of listed.entries()) nameOf.set(id, names[position] ?? '');
  // An id that names no tensor fails in `lazy`, with the reason.
  return ids.map((id) => ({ name: nameOf.get(id) ?? '', tensor: document.lazy(id) }));
}
