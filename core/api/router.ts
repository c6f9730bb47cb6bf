import { z } from 'zod';
import { InvalidArgumentError } from '../errors.ts';
import { DTYPES, type DType } from '../ndarray/dtype.ts';
import { COLOR_MAPS, HISTOGRAM_SCALES } from '../stats/engine.ts';
import { summarizeNorms } from '../stats/norms-summary.ts';
import { copyTensors } from '../workspace/copy-tensors.ts';
import { castTargets } from '../workspace/edit-preview.ts';
import { namesFiles } from '../workspace/edit-sources.ts';
import { type EditRequest, editRequestSchema } from '../workspace/edits.ts';
import type { WorkspaceEvent } from '../workspace/summary.ts';
import { comparisons } from './comparisons.ts';
import { eventQueue } from './event-queue.ts';
import { fileRefSchema } from './file-access.ts';
import { parameters } from './parameters.ts';
import { scans } from './scans.ts';
import { trpc } from './trpc.ts';

const { router, procedure } = trpc;

const documentId = z.string().min(1).max(64);
const dtypeSchema = z.enum(DTYPES as unknown as [DType, ...DType[]]);
const tensorId = z.int().nonnegative();
const ofDocument = z.strictObject({ document: documentId });
const ofTensor = z.strictObject({ document: documentId, tensor: tensorId });

/** Pages name open documents; which files may be read is not theirs to say. */
function assertNamesNoFile(edit: EditRequest): void {
  if (!namesFiles(edit)) return;
  throw new InvalidArgumentError('An edit from a page names an open document, not a file: open the file first.');
}

const app = router({
  info: procedure.query(({ ctx }) => ({
    version: ctx.version,
    colorMaps: COLOR_MAPS,
    roots: ctx.files.roots(),
    formats: ctx.workspace.formats,
  })),
  offered: procedure.query(({ ctx }) => ctx.files.offered()),
});

const files = router({
  list: procedure
    .input(z.strictObject({ root: z.string().max(64), path: z.string().max(4096) }))
    .query(({ ctx, input }) => ctx.files.list(input.root, input.path)),
  pickForOpening: procedure.mutation(({ ctx }) => ctx.files.pickForOpening()),
  pickForSaving: procedure
    .input(z.strictObject({ suggestedName: z.string().max(255) }))
    .mutation(({ ctx, input }) => ctx.files.pickForSaving(input.suggestedName)),
});

const documents = router({
  list: procedure.query(({ ctx }) => ctx.workspace.documents().map((document) => document.summary())),
  open: procedure.input(z.strictObject({ file: fileRefSchema })).mutation(async ({ ctx, input, signal }) => {
    const { path, name, savable } = await ctx.files.resolveForReading(input.file);
    const document = await ctx.workspace.open(path, { name, savable, signal });
    await ctx.files.remember(input.file);
    return document.summary();
  }),
  close: procedure
    .input(z.strictObject({ document: documentId, discardEdits: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => ctx.workspace.closeDocument(input.document, { discardEdits: input.discardEdits })),
  values: procedure.input(ofDocument).query(({ ctx, input }) => ctx.workspace.document(input.document).values()),
  history: procedure.input(ofDocument).query(({ ctx, input }) => ctx.workspace.document(input.document).history()),
  edit: procedure
    .input(z.strictObject({ document: documentId, edit: editRequestSchema }))
    .mutation(async ({ ctx, input }) => {
      assertNamesNoFile(input.edit);
      const document = ctx.workspace.document(input.document);
      await document.edit(input.edit);
      return document.summary();
    }),
  /** The names that a replacement would change, and what stands against it, before anything is done. */
  previewRename: procedure
    .input(
      z.strictObject({
        document: documentId,
        pattern: z.string().min(1).max(4096),
        replacement: z.string().max(4096),
        select: z.array(z.string()).optional(),
      }),
    )
    .query(({ ctx, input: { document, ...replacement } }) =>
      ctx.workspace.document(document).previewRename(replacement),
    ),
  /** The edits since the last save as a script. */
  exportEdits: procedure
    .input(ofDocument)
    .query(({ ctx, input }) => ctx.workspace.document(input.document).exportEdits()),
  /** Writes what `exportEdits` gives to a file that the user chose. */
  saveEdits: procedure
    .input(z.strictObject({ document: documentId, file: fileRefSchema }))
    .mutation(async ({ ctx, input }) => {
      const { path } = await ctx.files.resolveForWriting(input.file);
      await ctx.workspace.document(input.document).saveEdits(path);
    }),
  /** What an edit would do; fails with the reason of one that cannot be made. */
  preview: procedure
    .input(z.strictObject({ document: documentId, edit: editRequestSchema }))
    .query(({ ctx, input }) => {
      assertNamesNoFile(input.edit);
      return ctx.workspace.document(input.document).preview(input.edit);
    }),
  castTargets: procedure
    .input(z.strictObject({ document: documentId, names: z.array(z.string()).min(1) }))
    .query(({ ctx, input }) => castTargets(ctx.workspace.document(input.document), input.names)),
  /** Copies tensors of the document `from`; where one cannot be copied, none is. */
  copyTensors: procedure
    .input(
      z.strictObject({
        document: documentId,
        from: documentId,
        tensors: z.array(tensorId).min(1).max(200_000),
        collision: z.enum(['refuse', 'replace', 'rename', 'skip']),
        dtype: z.union([z.enum(['source', 'target']), dtypeSchema]),
        shape: z.enum(['source', 'target']),
      }),
    )
    .mutation(async ({ ctx: { workspace }, input: { document, from, ...request } }) => {
      const target = workspace.document(document);
      await copyTensors(target, workspace.document(from), request);
      return target.summary();
    }),
  undo: procedure.input(ofDocument).mutation(async ({ ctx, input }) => {
    const document = ctx.workspace.document(input.document);
    await document.undo();
    return document.summary();
  }),
  redo: procedure.input(ofDocument).mutation(async ({ ctx, input }) => {
    const document = ctx.workspace.document(input.document);
    await document.redo();
    return document.summary();
  }),
  /** What `save`, or with a file `saveAs`, would do. */
  planSave: procedure
    .input(
      z.strictObject({ document: documentId, file: fileRefSchema.optional(), inPlace: z.boolean().default(false) }),
    )
    .query(async ({ ctx, input: { document, file, inPlace } }) => {
      const target = file && (await ctx.files.resolveForWriting(file));
      const options = target ? { target: { path: target.path } } : { inPlace };
      return await ctx.workspace.document(document).planSave(options);
    }),
  save: procedure
    .input(
      z.strictObject({
        document: documentId,
        overwriteChanged: z.boolean().default(false),
        inPlace: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input: { document, ...options }, signal }) =>
      ctx.workspace.document(document).save({ ...options, signal }),
    ),
  saveAs: procedure
    .input(z.strictObject({ document: documentId, file: fileRefSchema }))
    .mutation(async ({ ctx, input, signal }) => {
      const { path } = await ctx.files.resolveForWriting(input.file);
      const result = await ctx.workspace.document(input.document).saveAs(path, { signal });
      await ctx.files.remember(input.file);
      return result;
    }),
  /** Writes a copy that the browser downloads from the returned URL path (server only). */
  download: procedure
    .input(z.strictObject({ document: documentId, name: z.string().min(1).max(255) }))
    .mutation(async ({ ctx, input, signal }) => {
      const { path, url } = await ctx.files.createDownload(input.name);
      await ctx.workspace.document(input.document).exportTo(path, { signal });
      return { url };
    }),
  reload: procedure.input(ofDocument).mutation(async ({ ctx, input }) => {
    const document = ctx.workspace.document(input.document);
    await document.reload();
    return document.summary();
  }),
  resume: procedure.input(ofDocument).mutation(async ({ ctx, input }) => {
    const document = ctx.workspace.document(input.document);
    await document.resume();
    return document.summary();
  }),
  discardRecovery: procedure.input(ofDocument).mutation(async ({ ctx, input }) => {
    const document = ctx.workspace.document(input.document);
    await document.discardRecovery();
    return document.summary();
  }),
});

const histogramRequest = z.strictObject({
  bins: z.int().min(1).max(1024).default(64),
  scale: z.enum(HISTOGRAM_SCALES),
  range: z.union([z.enum(['full', 'robust']), z.tuple([z.number(), z.number()]).readonly()]),
  linearThreshold: z.number().positive().optional(),
});

const axis = z.int().nonnegative().nullable();
const spectrumRequest = z.strictObject({
  rowAxis: axis,
  columnAxis: axis,
  index: z.array(z.int().nonnegative()).max(64),
  count: z.int().positive().optional(),
  seed: z.int().nonnegative().optional(),
});

const tensors = router({
  detail: procedure
    .input(ofTensor)
    .query(({ ctx, input }) => ctx.workspace.document(input.document).detail(input.tensor)),
  /** Runs as a task where it takes longer than a moment; aborting the request cancels it. */
  stats: procedure
    .input(ofTensor.extend({ bins: z.int().min(1).max(1024).default(64) }))
    .query(({ ctx, input, signal }) => {
      const tensor = ctx.workspace.document(input.document).lazy(input.tensor);
      return ctx.workspace.runTask(
        { title: 'Statistics', document: input.document, total: tensor.region.nbytes },
        (work) => ctx.workspace.engine.stats(tensor, { ...work, bins: input.bins }),
        { signal },
      );
    }),
  /** Bins over a linear, logarithmic or symmetric logarithmic axis; a task as `stats`. */
  histogram: procedure.input(ofTensor.extend({ request: histogramRequest })).query(({ ctx, input, signal }) => {
    const tensor = ctx.workspace.document(input.document).lazy(input.tensor);
    return ctx.workspace.runTask(
      { title: 'Histogram', document: input.document, total: tensor.region.nbytes },
      (work) => ctx.workspace.engine.histogram(tensor, input.request, work),
      { signal },
    );
  }),
  /** Norms of the rows or columns, the first axis against all others, in so many stretches. */
  norms: procedure
    .input(ofTensor.extend({ lines: z.enum(['row', 'column']), stretches: z.int().min(1).max(1024).default(320) }))
    .query(({ ctx, input, signal }) => {
      const tensor = ctx.workspace.document(input.document).lazy(input.tensor);
      return ctx.workspace.runTask(
        { title: 'Norms', document: input.document, total: tensor.region.nbytes },
        async (work) =>
          summarizeNorms(await ctx.workspace.engine.axisNorms(tensor, null, input.lines, work), input.stretches),
        { signal },
      );
    }),
  /** Quantiles of the finite values; `exact` ones of wide dtypes take a few passes over the values. */
  quantiles: procedure
    .input(ofTensor.extend({ qs: z.array(z.number().min(0).max(1)).min(1).max(32), exact: z.boolean().default(false) }))
    .query(({ ctx, input, signal }) => {
      const tensor = ctx.workspace.document(input.document).lazy(input.tensor);
      return ctx.workspace.runTask(
        { title: 'Quantiles', document: input.document, total: tensor.region.nbytes },
        (work) => ctx.workspace.engine.quantiles(tensor, input.qs, { ...work, exact: input.exact }),
        { signal },
      );
    }),
  /** Singular values of a matrix; a task as `stats`. */
  spectrum: procedure.input(ofTensor.extend({ request: spectrumRequest })).query(({ ctx, input, signal }) => {
    const tensor = ctx.workspace.document(input.document).lazy(input.tensor);
    return ctx.workspace.runTask(
      { title: 'Spectrum', document: input.document, total: tensor.region.nbytes },
      (work) => ctx.workspace.engine.spectrum(tensor, input.request, work),
      { signal },
    );
  }),
});

const devices = router({
  /** What can hold copies, and how much of it is taken now: asked again now and then by a view that shows it. */
  list: procedure.query(({ ctx }) => ctx.workspace.devices()),
});

const tasks = router({
  list: procedure.query(({ ctx }) => ctx.workspace.tasks()),
  cancel: procedure
    .input(z.strictObject({ task: z.string().min(1).max(64) }))
    .mutation(({ ctx, input }) => ctx.workspace.cancelTask(input.task)),
});

/**
 * The whole typed contract between pages and host. Bulk bytes (listing, cells, heatmaps) go through
 * `handleBytes` instead.
 */
export const appRouter = router({
  app,
  files,
  documents,
  comparisons,
  tensors,
  scans,
  parameters,
  devices,
  tasks,
  /** Everything that changes, in order, from the moment of subscription on. */
  events: procedure.subscription(async function* ({ ctx, signal }): AsyncGenerator<WorkspaceEvent> {
    yield* eventQueue<WorkspaceEvent>((push) => ctx.workspace.subscribe(push), signal);
  }),
});

export type AppRouter = typeof appRouter;
