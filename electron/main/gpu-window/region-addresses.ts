import { randomBytes } from 'node:crypto';
import { OpenRegion } from '../../../core/device/file-region.ts';
import { FETCH_PIECE_BYTES } from '../../../core/device/protocol.ts';
import { InvalidStateError, ParascopeError } from '../../../core/errors.ts';
import type { FileRegion } from '../../../core/ndarray/lazy-tensor.ts';
import { GPU_ORIGIN } from '../navigation-policy.ts';

export const REGION_PATH = '/region/';

/** What this process holds of a file at once for each request. */
const STREAM_BYTES = 256 * 1024;

const NAME_BYTES = 32;

/** A region that the GPU page may read until `end`. */
export interface LentRegion {
  /** From the root of the GPU page's origin. */
  readonly address: string;
  end(): void;
}

/**
 * Addresses under `parascope://gpu/region/` at which the GPU page reads a tensor that it is to load: one
 * region of one file, under a name that nobody can guess, for as long as the op runs. The bytes stream
 * through in small parts, each compared with the file's stamp: Electron's `net.fetch` of a file's address
 * would look the path up anew and could not tell that another file took its place.
 */
export class RegionAddresses {
  readonly #lent = new Map<string, Lending>();

  lend(region: FileRegion): LentRegion {
    const name = randomBytes(NAME_BYTES).toString('base64url');
    const lending = new Lending(region);
    this.#lent.set(name, lending);
    return {
      address: `${REGION_PATH}${name}`,
      end: () => {
        this.#lent.delete(name);
        lending.end();
      },
    };
  }

  /** Answers a GET for one range of at most `FETCH_PIECE_BYTES`. */
  async answer(request: Request): Promise<Response> {
    if (!isOfGpuPage(request.headers)) return new Response(null, { status: 403 });
    const lending = this.#lent.get(new URL(request.url).pathname.slice(REGION_PATH.length));
    if (!lending) return new Response(null, { status: 404 });
    const { nbytes } = lending;
    const range = parseRange(request.headers.get('range'), nbytes);
    if (!range) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${nbytes}` } });
    try {
      const region = await lending.open();
      return new Response(streamOf(region, range), {
        status: 206,
        headers: {
          ...HEADERS,
          'content-type': 'application/octet-stream',
          'content-length': String(range.end - range.start),
          'content-range': `bytes ${range.start}-${range.end - 1}/${nbytes}`,
        },
      });
    } catch (cause) {
      const error = cause instanceof ParascopeError ? cause : new InvalidStateError('The file could not be read.');
      return Response.json(error.toJSON(), { status: 409, headers: HEADERS });
    }
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

/** Held open from the first request to the end. */
class Lending {
  readonly nbytes: number;
  readonly #region: FileRegion;
  #opening: Promise<OpenRegion> | null = null;
  #isOver = false;

  constructor(region: FileRegion) {
    this.nbytes = region.nbytes;
    this.#region = region;
  }

  /** @throws FileChangedError, FileAccessError */
  async open(): Promise<OpenRegion> {
    this.#opening ??= OpenRegion.open(this.#region);
    const region = await this.#opening;
    if (this.#isOver) throw new InvalidStateError('The tensor is not being loaded any more.');
    await region.verify();
    return region;
  }

  end(): void {
    this.#isOver = true;
    this.#opening?.then((region) => region.close()).catch(() => {});
  }
}

interface ByteRange {
  readonly start: number;
  /** Not part of it any more. */
  readonly end: number;
}

function streamOf(region: OpenRegion, { start, end }: ByteRange): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream(
    {
      pull: async (controller) => {
        const bytes = await region.read(at, Math.min(STREAM_BYTES, end - at));
        at += bytes.byteLength;
        controller.enqueue(new Uint8Array(bytes));
        if (at === end) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Null for what is no single range inside the region, or too large a one. */
function parseRange(header: string | null, nbytes: number): ByteRange | null {
  const [, first, last] = /^bytes=(\d{1,16})-(\d{1,16})$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined) return null;
  const [start, end] = [Number(first), Number(last) + 1];
  return start < end && end <= nbytes && end - start <= FETCH_PIECE_BYTES ? { start, end } : null;
}

/** Whoever asks from elsewhere is named by the browser in one of these; the page itself in none. */
function isOfGpuPage(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  return (site === null || site === 'same-origin') && (origin === null || origin === GPU_ORIGIN);
}
