import type { Payload } from './values.ts';

/** A run of a new pickle: bytes of its own, or bytes of the pickle that it descends from. */
export type PicklePiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'copy'; readonly offset: number; readonly nbytes: number };

const CHUNK = 64 * 1024;

/** Gathers the opcodes of a pickle. */
export class PickleOutput {
  readonly pieces: PicklePiece[] = [];
  #chunk = Buffer.alloc(CHUNK);
  #filled = 0;

  byte(value: number): void {
    this.#chunkFor(1)[this.#filled++] = value;
  }

  uint16(value: number): void {
    this.#filled = this.#chunkFor(2).writeUInt16LE(value, this.#filled);
  }

  int32(value: number): void {
    this.#filled = this.#chunkFor(4).writeInt32LE(value, this.#filled);
  }

  uint32(value: number): void {
    this.#filled = this.#chunkFor(4).writeUInt32LE(value, this.#filled);
  }

  uint64(value: number): void {
    this.#filled = this.#chunkFor(8).writeBigUInt64LE(BigInt(value), this.#filled);
  }

  float64BE(value: number): void {
    this.#filled = this.#chunkFor(8).writeDoubleBE(value, this.#filled);
  }

  bytes(bytes: Uint8Array): void {
    if (bytes.length > CHUNK) {
      this.#flush();
      this.pieces.push({ kind: 'bytes', bytes });
    } else {
      this.#chunkFor(bytes.length).set(bytes, this.#filled);
      this.#filled += bytes.length;
    }
  }

  /** The payload of a string or of bytes that was never read. */
  copy({ offset, nbytes }: Payload): void {
    this.#flush();
    this.pieces.push({ kind: 'copy', offset, nbytes });
  }

  finish(): readonly PicklePiece[] {
    this.#flush();
    return this.pieces;
  }

  /** A chunk with room for `nbytes` more. */
  #chunkFor(nbytes: number): Buffer {
    if (this.#filled + nbytes > CHUNK) this.#flush();
    return this.#chunk;
  }

  #flush(): void {
    if (this.#filled === 0) return;
    this.pieces.push({ kind: 'bytes', bytes: this.#chunk.subarray(0, this.#filled) });
    this.#chunk = Buffer.alloc(CHUNK);
    this.#filled = 0;
  }
}
