import { InvalidArgumentError } from '../../errors.ts';
import { encodeVarint, type Span, WIRE, type WireField } from './wire.ts';
import type { Steps, WireReader } from './wire-reader.ts';

/** Some of a patched file: a run of the old one, bytes that are at hand, or a value that the writer streams. */
export type Piece<V> =
  | { readonly from: 'file'; readonly start: number; readonly stop: number }
  | { readonly from: 'bytes'; readonly bytes: Uint8Array }
  | { readonly from: 'value'; readonly value: V; readonly nbytes: number };

export type Edit<V> =
  /** The value of the field at `at` (its `start` and `stop`) becomes `pieces`; lengths follow. */
  | { readonly kind: 'replace'; readonly at: Span; readonly pieces: readonly Piece<V>[] }
  /** The fields in `at`, from the first one's tag to the last one's end, go. */
  | { readonly kind: 'remove'; readonly at: Span }
  /** `pieces`, which are whole fields, come behind those of the message `at`. */
  | { readonly kind: 'append'; readonly at: Span; readonly pieces: readonly Piece<V>[] }
  /** As `append`, in front of the fields. */
  | { readonly kind: 'prepend'; readonly at: Span; readonly pieces: readonly Piece<V>[] };

/** Which fields of a message are messages, by number. */
export interface MessageShape {
  readonly messages: Readonly<Record<number, () => MessageShape>>;
}

/**
 * The file with `edits` made, as pieces in order. Only messages around an edit are written anew, with their
 * lengths; all else is taken from the old file as it is.
 *
 * @throws InvalidArgumentError for an edit that meets no field or message.
 */
export function* patchMessage<V>(
  reader: WireReader,
  shape: MessageShape,
  edits: readonly Edit<V>[],
): Steps<Piece<V>[]> {
  const patch = new Patch(reader, edits);
  const pieces = yield* patch.message({ start: 0, stop: reader.size }, shape);
  patch.checkAllDone();
  return pieces;
}

export function piecesBytes(pieces: readonly Piece<unknown>[]): number {
  return pieces.reduce((sum, piece) => sum + pieceBytes(piece), 0);
}

/** A field of bytes with its tag and length. */
export function bytesField<V>(number: number, pieces: readonly Piece<V>[]): Piece<V>[] {
  const head = Buffer.concat([encodeVarint(number * 8 + WIRE.bytes), encodeVarint(piecesBytes(pieces))]);
  return [{ from: 'bytes', bytes: head }, ...pieces];
}

/** A field of one number that is not negative, with its tag. */
export function varintField<V>(number: number, value: number): Piece<V> {
  return { from: 'bytes', bytes: Buffer.concat([encodeVarint(number * 8 + WIRE.varint), encodeVarint(value)]) };
}

function pieceBytes(piece: Piece<unknown>): number {
  switch (piece.from) {
    case 'file':
      return piece.stop - piece.start;
    case 'bytes':
      return piece.bytes.length;
    case 'value':
      return piece.nbytes;
  }
}

function keyOf({ start, stop }: Span): string {
  return `${start}-${stop}`;
}

class Patch<V> {
  readonly #reader: WireReader;
  readonly #replaced = new Map<string, readonly Piece<V>[]>();
  readonly #appended = new Map<string, Piece<V>[]>();
  readonly #prepended = new Map<string, Piece<V>[]>();
  /** By where they begin. */
  readonly #removed = new Map<number, Span>();
  /** Where edits begin, ascending: what tells whether a message has any inside. */
  readonly #starts: readonly number[];
  readonly #given: number;
  #done = 0;

  constructor(reader: WireReader, edits: readonly Edit<V>[]) {
    this.#reader = reader;
    for (const edit of edits) {
      if (edit.kind === 'replace') this.#replaced.set(keyOf(edit.at), edit.pieces);
      else if (edit.kind === 'remove') this.#removed.set(edit.at.start, edit.at);
      else {
        const added = edit.kind === 'append' ? this.#appended : this.#prepended;
        const before = added.get(keyOf(edit.at));
        if (before) before.push(...edit.pieces);
        else added.set(keyOf(edit.at), [...edit.pieces]);
      }
    }
    this.#given = this.#replaced.size + this.#removed.size + this.#appended.size + this.#prepended.size;
    this.#starts = edits.map(({ at }) => at.start).sort((a, b) => a - b);
  }

  checkAllDone(): void {
    if (this.#done === this.#given) return;
    throw new InvalidArgumentError(
      `${this.#reader.name}: ${this.#given - this.#done} of ${this.#given} changes meet no field of the file.`,
    );
  }

  *message(span: Span, shape: MessageShape): Steps<Piece<V>[]> {
    const out = new PieceList<V>();
    this.#addTo(out, this.#prepended.get(keyOf(span)));
    let removedTo = span.start;
    yield* this.#reader.fields(span, 'the model', (field) => {
      const removed = this.#removed.get(field.at);
      if (removed) {
        removedTo = removed.stop;
        this.#done++;
      }
      if (field.at < removedTo) return undefined;
      const nested = this.#touches(field) ? shape.messages[field.number]?.() : undefined;
      const isReplaced = this.#replaced.has(keyOf(field));
      if (nested || isReplaced) return this.#field(field, isReplaced ? undefined : nested, out);
      out.file(field.at, field.stop);
      return undefined;
    });
    this.#addTo(out, this.#appended.get(keyOf(span)));
    return out.pieces;
  }

  #addTo(out: PieceList<V>, added: readonly Piece<V>[] | undefined): void {
    if (!added) return;
    this.#done++;
    out.add(added);
  }

  *#field(field: WireField, nested: MessageShape | undefined, out: PieceList<V>): Steps<void> {
    const pieces = nested ? yield* this.message(field, nested) : (this.#replaced.get(keyOf(field)) ?? []);
    if (!nested) this.#done++;
    if (field.wire === WIRE.bytes) out.add(bytesField(field.number, pieces));
    else out.add([{ from: 'bytes', bytes: encodeVarint(field.number * 8 + field.wire) }, ...pieces]);
  }

  /** Whether an edit begins in the value of a field. */
  #touches({ start, stop }: Span): boolean {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return (this.#starts[low] ?? Number.POSITIVE_INFINITY) <= stop;
  }
}

/** Pieces in order; runs of the old file that follow each other are one. */
class PieceList<V> {
  readonly pieces: Piece<V>[] = [];

  file(start: number, stop: number): void {
    const last = this.pieces.at(-1);
    if (last?.from === 'file' && last.stop === start) this.pieces[this.pieces.length - 1] = { ...last, stop };
    else this.pieces.push({ from: 'file', start, stop });
  }

  add(pieces: readonly Piece<V>[]): void {
    for (const piece of pieces) {
      if (piece.from === 'file') this.file(piece.start, piece.stop);
      else this.pieces.push(piece);
    }
  }
}
