/** What became of the metadata of a checkpoint, by key. */
export interface MetadataDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly key: string; readonly from: string; readonly to: string }[];
}

type Metadata = Readonly<Record<string, string>>;

export function compareMetadata(before: Metadata, after: Metadata): MetadataDifference {
  const is = new Map(Object.entries(after));
  const was = new Map(Object.entries(before));
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    removed: [...was.keys()].filter((key) => !is.has(key)),
    changed: [...was].flatMap(([key, from]) => {
      const to = is.get(key);
      return to === undefined || to === from ? [] : [{ key, from, to }];
    }),
  };
}
