import { HostError } from './errors.ts';

/** One answer of `/bytes/…`: the body, and the facts that ride in its meta header. */
export interface Bytes {
  readonly body: ArrayBuffer;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Fetches `/bytes/PATH`; rejects with `HostError` where the host says no, with AbortError where aborted. */
export async function fetchBytes(path: string, signal?: AbortSignal): Promise<Bytes> {
  const response = await fetch(`/bytes/${path}`, { signal: signal ?? null });
  if (!response.ok) throw await hostError(response);
  const meta = response.headers.get('parascope-meta');
  return { body: await response.arrayBuffer(), meta: meta ? (JSON.parse(meta) as Record<string, unknown>) : {} };
}

/** Reads the `{code, message}` of a refused request; a body of another kind is told by its status. */
export async function hostError(response: Response): Promise<HostError> {
  const fallback = `The host answered ${response.status} ${response.statusText}.`;
  try {
    const body: unknown = await response.json();
    if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
      const code = 'code' in body && typeof body.code === 'string' ? body.code : 'UNKNOWN';
      return new HostError(code, body.message);
    }
  } catch {
    return new HostError('UNKNOWN', fallback);
  }
  return new HostError('UNKNOWN', fallback);
}
