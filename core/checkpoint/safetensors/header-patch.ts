import type { Entry } from '../checkpoint.ts';
import { jsonString, requireToken, tensorMember } from './canonical.ts';
import { elementBytes, type PlacedTensor, placeData } from './data-order.ts';
import { memberRow, PREFIX, type SafetensorsHeader } from './header.ts';
import { paddedLength, paddingOf, sealHeader, unpadded } from './header-bytes.ts';
import type { Layout, LayoutRequest, LayoutTensor } from './layout.ts';
import { metadataChange } from './metadata-patch.ts';
import {
  applyPatches,
  memberPatches,
  type ObjectPlace,
  type Patch,
  type Punctuation,
  punctuationOf,
} from './text-patch.ts';

/** Where the data of each tensor of the request go, from the first byte of the data. */
interface Places {
  readonly begins: readonly number[];
  readonly total: number;
  readonly reordered: boolean;
}

/** The layout of a file that exists: its header's text with what changed patched in. */
export function patchHeader(request: LayoutRequest, original: SafetensorsHeader): Layout {
  const kept = keptTensors(request.tensors, original);
  const places = placeTensors(request.tensors, { original, kept });
  const text = patchText(request, { original, kept, places });
  const oldText = unpadded(original.bytes).length - PREFIX;
  const padding = paddingOf(original.bytes.length - PREFIX, oldText);
  const wanted = places.reordered ? { ...padding, remainder: 0 } : padding;
  const header = sealHeader(text, paddedLength(text.length, wanted));
  const offsets = places.begins.map((begin) => header.length + begin);
  return {
    header,
    offsets,
    total: header.length + places.total,
    sameHeader: header.equals(original.bytes),
    dataShift: commonShift(request.tensors, { kept, offsets, headerGrowth: header.length - original.bytes.length }),
  };
}

/** For each entry of the original the tensor that it became, or −1 where it was deleted. */
function keptTensors(tensors: readonly LayoutTensor[], original: SafetensorsHeader): Int32Array {
  const kept = new Int32Array(original.entries.length).fill(-1);
  tensors.forEach(({ origin }, index) => {
    const entry = origin ? original.indexOf(origin.name) : undefined;
    if (entry !== undefined && isSameEntry(original.entries[entry], origin)) kept[entry] = index;
  });
  return kept;
}

function isSameEntry(a: Entry | undefined, b: Entry | null): boolean {
  return a !== undefined && b !== null && a.file === b.file && a.offset === b.offset && a.nbytes === b.nbytes;
}

interface Origin {
  readonly original: SafetensorsHeader;
  readonly kept: Int32Array;
}

/** End to end in the old order, new tensors last: where no size changed, these are the old places. */
function placeTensors(tensors: readonly LayoutTensor[], { original, kept }: Origin): Places {
  const fromElsewhere = new Uint8Array(tensors.length).fill(1);
  const order: number[] = [];
  const inOrder: PlacedTensor[] = [];
  const place = (index: number, aligned: boolean): void => {
    const tensor = tensors[index];
    if (!tensor) return;
    fromElsewhere[index] = 0;
    order.push(index);
    inOrder.push({ dtype: tensor.dtype, nbytes: tensor.nbytes, aligned });
  };
  for (const entryIndex of original.dataOrder) {
    const entry = original.entries[entryIndex];
    if (entry) place(kept[entryIndex] ?? -1, entry.offset % elementBytes(entry.dtype) === 0);
  }
  tensors.forEach((_, index) => {
    if (fromElsewhere[index] === 1) place(index, true);
  });
  const placed = placeData(inOrder, original.bytes.length % 8);
  const begins = new Array<number>(tensors.length).fill(0);
  order.forEach((index, rank) => {
    begins[index] = placed.begins[rank] ?? 0;
  });
  return { begins, total: placed.total, reordered: placed.reordered };
}

/** By how much all data moved that were there before; null where they did not move as one. */
function commonShift(
  tensors: readonly LayoutTensor[],
  moved: { readonly kept: Int32Array; readonly offsets: readonly number[]; readonly headerGrowth: number },
): number | null {
  let shift: number | null = null;
  for (const index of moved.kept) {
    const origin = tensors[index]?.origin;
    if (!origin) continue;
    const here = (moved.offsets[index] ?? 0) - origin.offset;
    if (shift !== null && here !== shift) return null;
    shift = here;
  }
  return shift ?? moved.headerGrowth;
}

function patchText(request: LayoutRequest, { original, kept, places }: Origin & { readonly places: Places }): Buffer {
  const { bytes, members } = original;
  const place: ObjectPlace = {
    bytes: unpadded(bytes),
    count: members.length,
    member: (row) => members.get(row, 'member'),
    open: PREFIX + 1,
  };
  const style = headerStyle(original, place);
  const metadata = metadataChange(request.metadata, { original, style });
  const metadataRow = original.metadataPlace?.row ?? Number.POSITIVE_INFINITY;
  const deleted = new Set<number>();
  const patches: Patch[] = [...metadata.patches];
  if (metadata.remove) deleted.add(metadataRow);
  original.entries.forEach((entry, entryIndex) => {
    const row = memberRow(entryIndex, metadataRow);
    const index = kept[entryIndex] ?? -1;
    const tensor = request.tensors[index];
    if (tensor) patches.push(...tensorPatches({ original, row, entry, tensor, begin: places.begins[index] ?? 0 }));
    else deleted.add(row);
  });
  const old = new Set(kept);
  const added = request.tensors.flatMap((tensor, index) =>
    old.has(index) ? [] : [tensorMember({ ...tensor, begin: places.begins[index] ?? 0 }, style.colon)],
  );
  const change = { keep: (row: number) => !deleted.has(row), first: metadata.first, last: added };
  patches.push(...memberPatches(place, change, style));
  return applyPatches(place.bytes, patches).subarray(PREFIX);
}

function headerStyle({ members }: SafetensorsHeader, place: ObjectPlace): Punctuation {
  if (members.length === 0) return punctuationOf(place, null, 0);
  const key = members.get(0, 'key');
  const colonEnd = place.bytes.indexOf('{', key.end);
  return punctuationOf(place, key, colonEnd);
}

function tensorPatches(at: {
  readonly original: SafetensorsHeader;
  readonly row: number;
  readonly entry: Entry;
  readonly tensor: LayoutTensor;
  readonly begin: number;
}): Patch[] {
  const { members, bytes } = at.original;
  const { entry, tensor, begin } = at;
  const patches: Patch[] = [];
  if (tensor.name !== entry.name) patches.push({ ...members.get(at.row, 'key'), text: jsonString(tensor.name) });
  if (tensor.dtype !== entry.dtype) {
    patches.push({ ...members.get(at.row, 'dtype'), text: `"${requireToken(tensor.dtype, tensor.name)}"` });
  }
  if (tensor.shape !== entry.shape && tensor.shape.join() !== entry.shape.join()) {
    patches.push({ ...members.get(at.row, 'shape'), text: `[${tensor.shape.join(',')}]` });
  }
  const oldBegin = entry.offset - bytes.length;
  if (begin !== oldBegin || tensor.nbytes !== entry.nbytes) {
    const span = members.get(at.row, 'offsets');
    const values = [begin, begin + tensor.nbytes];
    const text = bytes.toString('latin1', span.start, span.end).replace(/\d+/g, () => String(values.shift()));
    patches.push({ ...span, text });
  }
  return patches;
}
