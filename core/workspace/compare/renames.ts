import { elementCount } from '../../ndarray/shape.ts';
import type { TensorEngine, WorkOptions } from '../../stats/engine.ts';
import { type Candidates, groupBy, type Pair } from './match.ts';
import type { Side, SideTensor } from './sides.ts';

/** So many elements tell most tensors apart without reading the rest of them. */
const HEAD_ELEMENTS = 1024;

export interface RenameWork {
  readonly before: Side;
  readonly after: Side;
  readonly engine: Pick<TensorEngine, 'hash' | 'read'>;
  readonly work: Pick<WorkOptions, 'signal' | 'priority'>;
  /** Runs a job for each item, some at a time. */
  readonly each: <T>(items: readonly T[], job: (item: T) => Promise<void>) => Promise<void>;
}

/**
 * Which of the removed tensors are added ones under another name: those of equal content. Of several that are equal
 * the first goes with the first. Content is hashed only where the first elements are those of a tensor on the other side.
 */
export async function findRenames(
  candidates: Candidates,
  work: RenameWork,
): Promise<Candidates & { readonly renamed: readonly Pair[] }> {
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
async function pairUp(candidates: Candidates, work: RenameWork, fingerprint: Fingerprint): Promise<Candidates[]> {
  const prints = new Map<SideTensor, string>();
  const sides = [
    ...candidates.removed.map((tensor) => ({ side: work.before, tensor })),
    ...candidates.added.map((tensor) => ({ side: work.after, tensor })),
  ];
  await work.each(sides, async ({ side, tensor }) => {
    prints.set(tensor, await fingerprint(side, tensor, work));
  });
  const printOf = (tensor: SideTensor): string => prints.get(tensor) ?? '';
  const added = groupBy(candidates.added, printOf);
  return [...groupBy(candidates.removed, printOf)].flatMap(([print, removed]) => {
    const others = added.get(print);
    return others ? [{ removed, added: others }] : [];
  });
}

const headOf: Fingerprint = async (side, tensor, { engine, work }) => {
  const count = Math.min(HEAD_ELEMENTS, elementCount(tensor.shape));
  const bytes = await engine.read(side.lazy(tensor), 0, count, work);
  return new TextDecoder('latin1').decode(bytes);
};

const hashOf: Fingerprint = (side, tensor, { engine, work }) => engine.hash(side.lazy(tensor), work);
