import { stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isQuantized } from '../../ndarray/dtype.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { PlannedFile, SaveAction, SavePlan } from '../summary.ts';
import { conversionSentences, conversionsFor } from './converted.ts';
import { patchBytes } from './file-content.ts';
import type { FormatWriter, Output, OutputPlan, SaveSubject } from './format-writer.ts';
import { MAX_IN_PLACE_BYTES } from './in-place.ts';
import { recordBytes } from './in-place-record.ts';
import { patchable } from './save-in-place.ts';
import { listed } from './sentences.ts';
import { sharedTensors } from './shared-tensors.ts';

/** Of a list that people read. */
const MAX_LISTED = 100;

export interface PlanRequest {
  readonly subject: SaveSubject;
  readonly plan: OutputPlan;
  readonly writer: FormatWriter;
  /** Whether the document's own files are saved over. */
  readonly own: boolean;
  readonly inPlace: boolean;
}

/** What a save would do, in figures and sentences; nothing is written. */
export async function describePlan({ subject, plan, writer, own, inPlace }: PlanRequest): Promise<SavePlan> {
  const canPatch = own ? patchable(plan) : null;
  const usesInPlace = inPlace && canPatch !== null;
  const files = [
    ...plan.outputs.map((output) => plannedFile(output, usesInPlace)),
    ...plan.removes.map(
      ({ path }) => ({ name: basename(path), action: 'remove', size: 0, newBytes: 0, copiedBytes: 0 }) as const,
    ),
  ];
  const diskNeeded = usesInPlace ? recordBytes(sumOf(files, 'newBytes')) : await spaceFor(plan);
  const diskFree = await freeSpace(plan);
  const conversions = own ? [] : [...conversionsFor(subject.state, writer).values()];
  return {
    format: writer.format,
    action: actionOf(files),
    files,
    bytesToWrite: sumOf(files, 'newBytes') + sumOf(files, 'copiedBytes'),
    newBytes: sumOf(files, 'newBytes'),
    diskNeeded,
    diskFree,
    fits: diskFree === null || diskNeeded <= diskFree,
    inPlace: canPatch !== null,
    notInPlace: canPatch === null ? whyNotInPlace(plan, own) : null,
    losses: own ? [] : [...writer.losses(subject), ...besides(subject, writer), ...conversionSentences(conversions)],
    notes: writer.notes?.(subject, { own }) ?? [],
    shared: sharedTensors(subject.state, { own, format: writer.format }),
    quantized: quantizedTensors(subject.state),
  };
}

/** What stands beside the tensors stays only in a file of the same format. */
function besides({ checkpoint }: SaveSubject, writer: FormatWriter): string[] {
  if (writer.writes(checkpoint) || writer.keepsOthers?.(checkpoint)) return [];
  const { values = [], others = [] } = checkpoint;
  const lost: string[] = [];
  if (values.length > 0) lost.push(`${listed(values.map(({ key }) => key))}: values beside the tensors are left out.`);
  if (others.length > 0)
    lost.push(`${listed(others.map(({ name }) => name))}: arrays that are no tensors are left out.`);
  return lost;
}

function plannedFile({ target, content, prepare }: Output, inPlace: boolean): PlannedFile {
  const { base, segments, size } = content;
  const copied = segments.reduce((sum, segment) => sum + (segment.kind === 'copy' ? segment.nbytes : 0), 0);
  const newBytes = patchBytes(content) - copied;
  const copiedBytes = inPlace ? 0 : copied + (base ? size : 0);
  const head = segments.some((segment) => segment.kind === 'bytes' && segment.to === 0);
  const action = actionFor({ base: base !== null && !prepare, inPlace, head });
  return { name: basename(target), action, size, newBytes, copiedBytes };
}

function actionFor({ base, inPlace, head }: { base: boolean; inPlace: boolean; head: boolean }): SaveAction {
  if (!base) return 'rewrite';
  if (inPlace) return 'patch-in-place';
  return head ? 'rewrite-header' : 'copy-and-patch';
}

/** Dearest last. */
const ACTIONS: readonly SaveAction[] = [
  'none',
  'remove',
  'patch-in-place',
  'copy-and-patch',
  'rewrite-header',
  'rewrite',
];

function actionOf(files: readonly PlannedFile[]): SaveAction {
  return files.reduce<SaveAction>(
    (dearest, { action }) => (ACTIONS.indexOf(action) > ACTIONS.indexOf(dearest) ? action : dearest),
    'none',
  );
}

function whyNotInPlace({ outputs, removes }: OutputPlan, own: boolean): string {
  const [only] = outputs;
  if (!own) return 'A new file is written.';
  if (!only && removes.length === 0) return 'There is nothing to write.';
  if (outputs.length + removes.length > 1) return 'Several files change, which must happen as one step.';
  if (!only?.content.base || only.prepare) return 'Tensors move within the file, or change their size.';
  return `More than ${MAX_IN_PLACE_BYTES} bytes change.`;
}

/** Beside the old files, until they are replaced; less where the file system shares blocks, and where files have holes. */
async function spaceFor({ outputs }: OutputPlan): Promise<number> {
  let needed = 0;
  for (const { content } of outputs) {
    const paths = new Set(content.segments.flatMap((segment) => (segment.kind === 'copy' ? [segment.file.path] : [])));
    if (content.base) paths.add(content.base.path);
    let held = patchBytes(content) - copiedOf(content.segments);
    for (const path of paths) held += await allocated(path);
    needed += Math.min(held, content.size);
  }
  return needed;
}

function copiedOf(segments: Output['content']['segments']): number {
  return segments.reduce((sum, segment) => sum + (segment.kind === 'copy' ? segment.nbytes : 0), 0);
}

async function allocated(path: string): Promise<number> {
  const { size, blocks } = await stat(path);
  return Math.min(size, blocks * 512);
}

/** Null where nothing is written. The files of a checkpoint lie on one disk. */
async function freeSpace({ outputs }: OutputPlan): Promise<number | null> {
  const [first] = outputs;
  if (!first) return null;
  const { bavail, bsize } = await statfs(dirname(first.target));
  return bavail * bsize;
}

function sumOf(files: readonly PlannedFile[], what: 'newBytes' | 'copiedBytes'): number {
  return files.reduce((sum, file) => sum + file[what], 0);
}

function quantizedTensors(state: DocumentState): string[] {
  const names: string[] = [];
  for (const { id, name, dtype } of state.tensors()) {
    const { stored } = state.entry(id);
    if (isQuantized(dtype) || stored) names.push(name);
    if (names.length === MAX_LISTED) break;
  }
  return names;
}
