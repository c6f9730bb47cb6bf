import { fetchBytes } from '../api/bytes.ts';
import type { ColorMap, DocumentSummary, HeatmapRequest, TensorDetail } from '../contract.ts';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import type { MatrixWindow, Picture } from './heatmap-window.ts';
import type { SliceView } from './slice-view.ts';

/** What the host painted, and of which part of the matrix. */
export interface HeatmapPicture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  readonly range: readonly [low: number, high: number];
  readonly exact: boolean;
  readonly window: MatrixWindow;
}

export interface HeatmapOptions {
  readonly colorMap: ColorMap;
  readonly reduce: HeatmapRequest['reduce'];
  /** Null takes the extremes of the picture. */
  readonly range: readonly [low: number, high: number] | null;
}

export interface HeatmapSpec {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
  readonly view: SliceView;
  readonly window: MatrixWindow;
  /** Device pixels that the picture may take. */
  readonly room: Picture;
  readonly options: HeatmapOptions;
}

/** The host's limit on either side of a picture. */
const MAX_SIDE = 1024;
/** A wheel turns many times a second; only where it rests is asked for. */
const SETTLE_MS = 30;

export function useHeatmap(spec: HeatmapSpec): RequestState<HeatmapPicture> {
  const { document, detail } = spec;
  const path = `heatmap/${encodeURIComponent(document.id)}/${detail.id}?${queryOf(spec)}`;
  const { window } = spec;
  return useRequest({
    subject: `${document.id}/${detail.id}`,
    key: `${document.revision}:${path}`,
    run: async (signal) => {
      await pause(SETTLE_MS, signal);
      return decode(await fetchBytes(path, signal), window);
    },
  });
}

function queryOf({ view, window, room, options }: HeatmapSpec): URLSearchParams {
  const { rows, columns } = window;
  return new URLSearchParams({
    rowAxis: String(view.rowAxis ?? ''),
    columnAxis: String(view.columnAxis ?? ''),
    index: view.index.join(','),
    rows: rows.join(','),
    columns: columns.join(','),
    height: String(sideOf(rows[1] - rows[0], room.height)),
    width: String(sideOf(columns[1] - columns[0], room.width)),
    reduce: options.reduce,
    colorMap: options.colorMap,
    low: String(options.range?.[0] ?? ''),
    high: String(options.range?.[1] ?? ''),
  });
}

function sideOf(elements: number, room: number): number {
  return Math.max(1, Math.min(elements, Math.floor(room), MAX_SIDE));
}

function decode({ body, meta }: Awaited<ReturnType<typeof fetchBytes>>, window: MatrixWindow): HeatmapPicture {
  const facts = meta as unknown as Pick<HeatmapPicture, 'width' | 'height' | 'range' | 'exact'>;
  const pixels = facts.width * facts.height;
  return {
    ...facts,
    window,
    values: new Float32Array(body, 0, pixels),
    rgba: new Uint8ClampedArray(body, pixels * 4, pixels * 4),
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
