import { elementCount } from '../../ndarray/shape.ts';
import type { ComparingEngine } from './compare.ts';
import type { SideTensor } from './compared.ts';
import { inParallel } from './in-parallel.ts';
import { groupBy, type Pair, type Unmatched } from './plan.ts';
import type { Side } from './sides.ts';

/** So many elements tell most tensors apart without reading the rest of them. */
const HEAD_ELEMENTS = 1024;

interface RenameWork {
  readonly before: Side;
  readonly after: Side;
  readonly engine: Pick<ComparingEngine, 'hash' | 'read'>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Which of the removed tensors are added ones under another name: those of equal content. Of several that are equal
 * the first goes with the first. Content is hashed only where the first elements are those of a tensor on the other side.
 */
export async function findRenames(
  candidates: Unmatched,
  work: RenameWork,
): Promise<Unmatched & { readonly renamed: readonly Pair[] }> {
  const renamed: Pair[] = [];
  for (const likely of await pairUp(candidates, work, headOf)) {
    for (const { removed, added } of await pairUp(likely, work, hashOf)) {
      removed.forEach((before, at) => {
        const after = added[at];
        if (after) renamed.push({ before, after });
      });
    }
  }
  const taken = new Set(renamed.flatMap(({ before, after }) => [before, after]));
  const isLeft = (tensor: SideTensor): boolean => !taken.has(tensor);
  return { renamed, removed: candidates.removed.filter(isLeft), added: candidates.added.filter(isLeft) };
}

type Fingerprint = (side: Side, tensor: SideTensor, work: RenameWork) => Promise<string>;

/** The candidates that have one fingerprint on both sides, by fingerprint. */
async function pairUp(candidates: Unmatched, work: RenameWork, fingerprint: Fingerprint): Promise<Unmatched[]> {
  const prints = new Map<SideTensor, string>();
  const sides = [
    ...candidates.removed.map((tensor) => ({ side: work.before, tensor })),
    ...candidates.added.map((tensor) => ({ side: work.after, tensor })),
  ];
  await inParallel(sides, async ({ side, tensor }) => {
    prints.set(tensor, await fingerprint(side, tensor, work));
  });
  const printOf = (tensor: SideTensor): string => prints.get(tensor) ?? '';
  const added = groupBy(candidates.added, printOf);
  return [...groupBy(candidates.removed, printOf)].flatMap(([print, removed]) => {
    const others = added.get(print);
    return others ? [{ removed, added: others }] : [];
  });
}

const headOf: Fingerprint = async (side, tensor, { engine, signal }) => {
  const count = Math.min(HEAD_ELEMENTS, elementCount(tensor.shape));
  const bytes = await engine.read(side.lazy(tensor), 0, count, { signal, priority: 'background' });
  return new TextDecoder('latin1').decode(bytes);
};

const hashOf: Fingerprint = (side, tensor, { engine, signal }) =>
  engine.hash(side.lazy(tensor), { signal, priority: 'background' });
