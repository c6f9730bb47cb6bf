import { formatShape } from '../../ndarray/shape.ts';
import type { TensorEngine, WorkOptions } from '../../stats/engine.ts';
import type { Document } from '../contract.ts';
import { figureOf } from '../figures.ts';
import type { ComparedTensor, Comparison } from '../summary.ts';

interface CompareWork extends WorkOptions {
  readonly engine: TensorEngine;
}

/** The bytes that a comparison reads: those of the tensors whose names and shapes are in both. */
export function comparedBytes(before: Document, after: Document): number {
  return comparable(before, after).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What became of the tensors of `before` in `after`, by name; edits that are not saved count. */
export async function compareDocuments(
  before: Document,
  after: Document,
  { engine, signal, onProgress }: CompareWork,
): Promise<Comparison> {
  const was = rowsOf(before);
  const is = rowsOf(after);
  const changed: ComparedTensor[] = [];
  for (const [name, { shape }] of was) {
    const other = is.get(name);
    if (other && other.shape !== shape) changed.push({ name, kind: 'shape', before: shape, after: other.shape });
  }
  let done = 0;
  const pairs = comparable(before, after);
  for (const { name, a, b, bytes } of pairs) {
    const from = done;
    const diff = await engine.diff(before.lazy(a.id), after.lazy(b.id), {
      signal,
      onProgress: (part) => onProgress?.(from + part),
    });
    done += bytes;
    const isOtherType = a.dtype !== b.dtype;
    if (diff.identicalBytes && !isOtherType) continue;
    changed.push({
      name,
      kind: isOtherType ? 'dtype' : 'value',
      before: a.dtype,
      after: b.dtype,
      maxAbs: figureOf(diff.maxAbs),
      relL2: figureOf(diff.relL2),
      cosine: figureOf(diff.cosine),
      changedCount: diff.changedCount,
    });
  }
  return {
    added: [...is.keys()].filter((name) => !was.has(name)),
    removed: [...was.keys()].filter((name) => !is.has(name)),
    changed,
    same: [...was.keys()].filter((name) => is.has(name)).length - changed.length,
  };
}

interface Row {
  readonly id: number;
  readonly dtype: string;
  readonly shape: string;
  readonly bytes: number;
}

function comparable(before: Document, after: Document) {
  const is = rowsOf(after);
  return [...rowsOf(before)].flatMap(([name, a]) => {
    const b = is.get(name);
    return b && a.shape === b.shape ? [{ name, a, b, bytes: a.bytes }] : [];
  });
}

function rowsOf(document: Document): Map<string, Row> {
  const { ids, names, dtypes, shapes, bytes } = document.listing();
  return new Map(
    names.map((name, i) => [
      name,
      { id: ids[i] ?? -1, dtype: dtypes[i] ?? '', shape: formatShape(shapes[i] ?? []), bytes: bytes[i] ?? 0 },
    ]),
  );
}
