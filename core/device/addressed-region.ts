import { deserializeError, InvalidStateError, isSerializedError, type ParascopeError } from '../errors.ts';
import { FETCH_PIECE_BYTES, type FetchSource } from './protocol.ts';

/** `ReadSource` of the GPU page, which has no file system: Range requests to the address that it was told. */
export async function* readAddressedRegion(source: FetchSource, signal: AbortSignal): AsyncGenerator<ArrayBuffer> {
  if (source.kind !== 'address') throw new InvalidStateError('The GPU page reads no files by their paths.');
  const { address, nbytes } = source;
  for (let from = 0; from < nbytes; from += FETCH_PIECE_BYTES) {
    yield await readRange(address, { from, to: Math.min(nbytes, from + FETCH_PIECE_BYTES) }, signal);
  }
}

interface Range {
  readonly from: number;
  /** Not part of it any more. */
  readonly to: number;
}

/** An answer whose body breaks off does not say why; the head of the next one does. */
async function readRange(address: string, range: Range, signal: AbortSignal): Promise<ArrayBuffer> {
  const first = await ask(address, range, signal);
  const bytes = await first.arrayBuffer().catch(async () => (await ask(address, range, signal)).arrayBuffer());
  const { from, to } = range;
  if (bytes.byteLength === to - from) return bytes;
  throw new InvalidStateError(`Bytes ${from} to ${to} of a tensor came as ${bytes.byteLength} bytes.`);
}

async function ask(address: string, { from, to }: Range, signal: AbortSignal): Promise<Response> {
  const headers = { range: `bytes=${from}-${to - 1}` };
  const response = await fetch(address, { headers, redirect: 'error', signal });
  if (response.status !== 206) throw await refusalOf(response);
  return response;
}

async function refusalOf(response: Response): Promise<ParascopeError> {
  const body: unknown = await response.json().catch(() => null);
  if (isSerializedError(body)) return deserializeError(body);
  return new InvalidStateError(`The bytes of a tensor were refused to the GPU page (status ${response.status}).`);
}
