import type { FileRef } from '../contract.ts';
import { hostError } from './bytes.ts';

const PIECE = 8 * 1024 * 1024;

export interface UploadOptions {
  /** Files of one group lie side by side on the server; null where the file stands alone. */
  readonly group: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number) => void;
}

/** Sends a dropped file to the server's scratch folder in pieces; what was sent is removed again where it is cancelled. */
export async function uploadFile(file: File, options: UploadOptions): Promise<FileRef> {
  const { group, signal, onProgress } = options;
  const query = new URLSearchParams({ name: file.name, size: String(file.size) });
  if (group !== null) query.set('group', group);
  const { id } = await answer<{ id: string }>(fetch(`/upload?${query}`, { method: 'POST', signal }));
  const target = `/upload/${encodeURIComponent(id)}`;
  try {
    for (let offset = 0; offset < file.size; offset += PIECE) {
      const body = file.slice(offset, offset + PIECE);
      await accepted(fetch(`${target}?offset=${offset}`, { method: 'PUT', body, signal }));
      onProgress(Math.min(offset + PIECE, file.size));
    }
    return (await answer<{ file: FileRef }>(fetch(`${target}/finish`, { method: 'POST', signal }))).file;
  } catch (error) {
    await fetch(target, { method: 'DELETE' }).catch(() => undefined);
    throw error;
  }
}

async function accepted(request: Promise<Response>): Promise<Response> {
  const response = await request;
  if (!response.ok) throw await hostError(response);
  return response;
}

async function answer<T>(request: Promise<Response>): Promise<T> {
  return (await (await accepted(request)).json()) as T;
}
