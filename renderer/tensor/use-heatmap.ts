import { useRef } from 'react';
import { fetchBytes } from '../api/bytes.ts';
import type { ColorMap, Heatmap, HeatmapRequest } from '../contract.ts';
import { type RequestState, useRequest } from '../ui/use-request.ts';
import type { MatrixWindow, Picture } from './heatmap-window.ts';
import type { SliceView } from './slice-view.ts';

/** What the host painted, and of which part of the matrix. */
export interface HeatmapPicture extends Pick<Heatmap, 'width' | 'height' | 'range' | 'rangeChoice' | 'exact'> {
  readonly values: Float32Array;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  readonly window: MatrixWindow;
}

export interface HeatmapOptions {
  readonly colorMap: ColorMap;
  readonly reduce: HeatmapRequest['reduce'];
  readonly range: HeatmapRequest['range'];
}

/** What a picture is of: an entry, or the difference of two. */
export interface HeatmapSubject {
  /** Where the host has it, below `/bytes/`. */
  readonly path: string;
  /** Another one whenever its values may be others. */
  readonly revision: string;
  readonly shape: readonly number[];
  /** What the picture is called. */
  readonly label: string;
  /** The task that reads all of it, and whose it is. */
  readonly task: { readonly document: string; readonly title: string };
}

export interface HeatmapSpec {
  readonly subject: HeatmapSubject;
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

/** A picture of some of the elements at once, and in its place, where that left some out, the one of all. */
export function useHeatmap(spec: HeatmapSpec): RequestState<HeatmapPicture> {
  const { subject, window } = spec;
  const query = queryOf({ ...spec, room: useSteady(spec.room) });
  const ask = async (effort: 'quick' | 'exact', signal: AbortSignal): Promise<HeatmapPicture> =>
    decode(await fetchBytes(`${subject.path}?${query}&effort=${effort}`, signal), window);
  return useRequest({
    subject: subject.path,
    key: `${subject.revision}:${subject.path}?${query}`,
    run: async (signal, preview) => {
      await pause(SETTLE_MS, signal);
      const quick = await ask('quick', signal);
      if (quick.exact) return quick;
      preview(quick);
      return await ask('exact', signal);
    },
  });
}

/** A room that differs less than this from the last is painted as that was. */
const NOTICEABLE = 1 / 8;

/** Something beside the picture grows by a line, such as the list of tasks when this one starts: no reason to start anew. */
function useSteady(room: Picture): Picture {
  const kept = useRef(room);
  const { width, height } = kept.current;
  const isSteady =
    Math.abs(room.width - width) <= width * NOTICEABLE && Math.abs(room.height - height) <= height * NOTICEABLE;
  if (!isSteady) kept.current = room;
  return kept.current;
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
    range: String(options.range ?? ''),
  });
}

function sideOf(elements: number, room: number): number {
  return Math.max(1, Math.min(elements, Math.floor(room), MAX_SIDE));
}

function decode({ body, meta }: Awaited<ReturnType<typeof fetchBytes>>, window: MatrixWindow): HeatmapPicture {
  const facts = meta as unknown as Pick<HeatmapPicture, 'width' | 'height' | 'range' | 'rangeChoice' | 'exact'>;
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
