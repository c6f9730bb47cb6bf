/** A run of a file to be written, as the layouts of formats describe it; what lies between runs is zero. */
export type LayoutPiece =
  | { readonly kind: 'bytes'; readonly to: number; readonly bytes: Uint8Array }
  /** Bytes of the file that the new one descends from. */
  | { readonly kind: 'copy'; readonly to: number; readonly from: number; readonly nbytes: number }
  /** The values of `tensors[tensor]`, all of them. */
  | { readonly kind: 'values'; readonly to: number; readonly tensor: number };

export interface FileLayout {
  readonly pieces: readonly LayoutPiece[];
  /** Bytes of the file. */
  readonly total: number;
}
