import { jsonString, metadataMember } from './canonical.ts';
import type { MetadataPlace, SafetensorsHeader } from './header.ts';
import { memberPatches, type Patch, type Punctuation } from './text-patch.ts';

/** What an edit of the metadata does to the header's text. */
export interface MetadataChange {
  readonly patches: readonly Patch[];
  /** The whole member goes. */
  readonly remove: boolean;
  /** Members to stand first in the header. */
  readonly first: readonly string[];
}

/**
 * Keys that stay keep their place and spelling, new ones follow at the end. The member itself appears
 * with the first key and goes with the last, so that adding and removing a key restores the text; one
 * that was empty before stays.
 */
export function metadataChange(
  metadata: Readonly<Record<string, string>>,
  { original, style }: { readonly original: SafetensorsHeader; readonly style: Punctuation },
): MetadataChange {
  const place = original.metadataPlace;
  const wanted = new Map(Object.entries(metadata));
  const old = new Map(Object.entries(original.metadata));
  if (!place) {
    return { patches: [], remove: false, first: wanted.size > 0 ? [metadataMember(metadata, style.colon)] : [] };
  }
  if (wanted.size === 0) return { patches: [], remove: old.size > 0, first: [] };
  if (!place.pairs) {
    const text = metadataMember(metadata, style.colon);
    return { patches: [{ ...place.value, text: text.slice(text.indexOf('{')) }], remove: false, first: [] };
  }
  return { patches: pairPatches(wanted, { original, place, style }), remove: false, first: [] };
}

function pairPatches(
  wanted: ReadonlyMap<string, string>,
  at: { readonly original: SafetensorsHeader; readonly place: MetadataPlace; readonly style: Punctuation },
): Patch[] {
  const { bytes, metadata } = at.original;
  const { pairs, value } = at.place;
  if (!pairs) return [];
  const keys = Array.from({ length: pairs.length }, (_, row) => {
    const { start, end } = pairs.get(row, 'key');
    return String(JSON.parse(bytes.toString('utf8', start, end)));
  });
  const patches = keys.flatMap((key, row) => {
    const text = wanted.get(key);
    return text === undefined || text === metadata[key] ? [] : [{ ...pairs.get(row, 'value'), text: jsonString(text) }];
  });
  const known = new Set(keys);
  const added = [...wanted].filter(([key]) => !known.has(key));
  const place = {
    bytes,
    count: pairs.length,
    member: (row: number) => pairs.get(row, 'member'),
    open: value.start + 1,
  };
  const change = {
    keep: (row: number) => wanted.has(keys[row] ?? ''),
    first: [],
    last: added.map(([key, text]) => `${jsonString(key)}${at.style.colon}${jsonString(text)}`),
  };
  return [...patches, ...memberPatches(place, change, at.style)];
}
