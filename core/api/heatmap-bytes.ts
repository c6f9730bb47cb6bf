import { z } from 'zod';
import { bytesFor } from '../ndarray/dtype.ts';
import type { LazyTensor } from '../ndarray/lazy-tensor.ts';
import { COLOR_MAPS, HEATMAP_RANGES, type Heatmap, type WorkOptions } from '../stats/engine.ts';
import type { Workspace } from '../workspace/contract.ts';

const count = z.coerce.number().pipe(z.int().nonnegative());
const tensorId = z
  .string()
  .regex(/^\d{1,15}$/, 'wants the number of a tensor')
  .transform(Number);
const axis = z.union([z.literal('').transform(() => null), count]);
const list = z
  .string()
  .max(4096)
  .transform((text) => (text === '' ? [] : text.split(',').map(Number)));
const counts = list.pipe(z.array(z.int().nonnegative()).max(64));
const span = list.pipe(z.tuple([z.int().nonnegative(), z.int().nonnegative()]));
const range = z
  .union([z.literal('').transform(() => null), z.enum(HEATMAP_RANGES), list.pipe(z.tuple([z.number(), z.number()]))])
  .default(null);

const heatmapQuery = z.strictObject({
  rowAxis: axis,
  columnAxis: axis,
  index: counts,
  rows: span,
  columns: span,
  height: count.pipe(z.number().min(1).max(1024)),
  width: count.pipe(z.number().min(1).max(1024)),
  reduce: z.enum(['mean', 'maxabs', 'sample']),
  effort: z.enum(['quick', 'exact']).default('quick'),
  colorMap: z.enum(COLOR_MAPS),
  range,
});

/** The parts of `DOCUMENT/TENSOR`. */
export type TensorPath = readonly [document: string, tensor: string];

export interface HeatmapAsked {
  readonly place: TensorPath;
  /** What is taken off it; null for a heatmap of the tensor itself. */
  readonly less: TensorPath | null;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal | undefined;
}

/** A heatmap of a tensor, or of the difference of two. An exact one is a task: it may read all there is. */
export async function askedHeatmap(
  workspace: Workspace,
  { place, less, query, signal }: HeatmapAsked,
): Promise<Heatmap> {
  const request = heatmapQuery.parse(Object.fromEntries(query));
  const lazy = ([document, tensor]: TensorPath): LazyTensor =>
    workspace.document(document).lazy(tensorId.parse(tensor));
  const a = lazy(place);
  const b = less && lazy(less);
  const compute = (work: WorkOptions): Promise<Heatmap> => {
    const { engine } = workspace;
    return b === null ? engine.heatmap(a, request, work) : engine.deltaHeatmap([a, b], request, work);
  };
  if (request.effort === 'quick') return await compute({ signal });
  const elements = (request.rows[1] - request.rows[0]) * (request.columns[1] - request.columns[0]);
  const total = bytesFor(a.dtype, elements) + (b === null ? 0 : bytesFor(b.dtype, elements));
  const title = b === null ? 'Heatmap' : 'Heatmap of differences';
  return await workspace.runTask({ title, document: place[0], total }, compute, { signal });
}
