import { useState } from 'react';
import { client } from '../api/client.ts';
import type { DocumentSummary, Spectrum, TensorDetail } from '../contract.ts';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import { extentOfSlice, type SliceView, sliceKey } from './slice-view.ts';

/** Spectra that were computed, the last ones longest: by tensor, value and slice. */
const KNOWN = new Map<string, Spectrum>();
const MOST_KNOWN = 64;

/** Up to this side, and so many elements, a spectrum is there in a moment and need not be asked for. */
const SMALL_SIDE = 256;
const SMALL_ELEMENTS = 2 ** 20;

export interface SpectrumSpec {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
  readonly view: SliceView;
}

export interface SpectrumState extends RequestState<Spectrum | null> {
  /** Whether it is on its way; else `compute` begins it. */
  readonly asked: boolean;
  readonly compute: () => void;
}

/** The spectrum of a slice: known, computed at once where it is small, or when it is asked for. */
export function useSpectrum({ document, detail, view }: SpectrumSpec): SpectrumState {
  const key = `${document.id}/${detail.id}/${detail.valueRevision}/${sliceKey(view)}`;
  const [askedKey, setAskedKey] = useState<string | null>(null);
  const asked = askedKey === key || isSmall(detail, view);
  const request = useRequest<Spectrum | null>({
    subject: key,
    key: `${key}/${asked}`,
    run: async (signal) => {
      const known = KNOWN.get(key) ?? null;
      if (known !== null || !asked) return known;
      const { rowAxis, columnAxis, index } = view;
      const spectrum = await client.tensors.spectrum.query(
        { document: document.id, tensor: detail.id, request: { rowAxis, columnAxis, index: [...index] } },
        { signal },
      );
      remember(key, spectrum);
      return spectrum;
    },
  });
  const compute = (): void => (asked ? request.retry() : setAskedKey(key));
  return { ...request, asked, compute };
}

function isSmall(detail: TensorDetail, view: SliceView): boolean {
  const { rows, columns } = extentOfSlice(detail.shape, view);
  return Math.min(rows, columns) <= SMALL_SIDE && rows * columns <= SMALL_ELEMENTS && !detail.stored.packed;
}

function remember(key: string, spectrum: Spectrum): void {
  KNOWN.set(key, spectrum);
  const [oldest] = KNOWN.keys();
  if (KNOWN.size > MOST_KNOWN && oldest !== undefined) KNOWN.delete(oldest);
}
