import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { formatFloat } from './cell-format.ts';
import {
  formatSpan,
  indicesUnder,
  type MatrixSize,
  type MatrixWindow,
  type Picture,
  type Point,
  panned,
  windowAfterKey,
  zoomed,
} from './heatmap-window.ts';
import type { HeatmapOptions, HeatmapPicture } from './use-heatmap.ts';

interface HeatmapCanvasProps {
  readonly label: string;
  readonly picture: HeatmapPicture;
  readonly display: Picture;
  readonly reduce: HeatmapOptions['reduce'];
  readonly window: MatrixWindow;
  readonly size: MatrixSize;
  readonly onWindow: (window: MatrixWindow) => void;
  /** Beside the value that is read out: what can be said of the picture as a whole. */
  readonly children: ReactNode;
}

const HINT = 'Point to read a value. Wheel, + and − zoom; drag or arrow keys move.';

const REDUCE_WORDS: Readonly<Record<HeatmapOptions['reduce'], string>> = {
  mean: 'mean',
  maxabs: 'largest magnitude',
  sample: 'one of them',
};

/** The picture itself: points are read out, the wheel zooms, dragging moves. */
export function HeatmapCanvas(props: HeatmapCanvasProps) {
  const { label, picture, display, reduce, onWindow, children } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<Point | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
  }, [picture]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { window, size, onWindow } = latest.current;
      onWindow(zoomed(window, size, { factor: 2 ** (event.deltaY / 400), about: pointIn(element, event) }));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);

  const drag = useRef<{ readonly from: Point; readonly window: MatrixWindow } | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { from: pointIn(event.currentTarget, event), window: props.window };
  };
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const point = pointIn(event.currentTarget, event);
    setPointed(point);
    if (!drag.current) return;
    const { from, window } = drag.current;
    onWindow(panned(window, props.size, { x: from.x - point.x, y: from.y - point.y }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = windowAfterKey(event.key, props.window, props.size);
    if (!next || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    onWindow(next);
  };
  const endDrag = (): void => {
    drag.current = null;
  };

  return (
    <div className="heatmap-frame">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        width={picture.width}
        height={picture.height}
        style={display}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        onPointerLeave={() => setPointed(null)}
      />
      <div className="heatmap-foot">
        <p className="readout">{pointed ? readout(picture, pointed, reduce) : HINT}</p>
        {children}
      </div>
    </div>
  );
}

function pointIn(element: Element, event: { readonly clientX: number; readonly clientY: number }): Point {
  const box = element.getBoundingClientRect();
  const share = (at: number, from: number, length: number): number => Math.min(Math.max(0, (at - from) / length), 1);
  return { x: share(event.clientX, box.left, box.width), y: share(event.clientY, box.top, box.height) };
}

function readout(picture: HeatmapPicture, { x, y }: Point, reduce: HeatmapOptions['reduce']): string {
  const { width, height, values, window } = picture;
  const column = Math.min(Math.floor(x * width), width - 1);
  const row = Math.min(Math.floor(y * height), height - 1);
  const rows = indicesUnder(row, height, window.rows);
  const columns = indicesUnder(column, width, window.columns);
  const several = rows[1] - rows[0] > 1 || columns[1] - columns[0] > 1;
  const value = formatFloat(values[row * width + column] ?? Number.NaN, 'float32');
  return `[${formatSpan(rows)}, ${formatSpan(columns)}] = ${value}${several ? ` (${REDUCE_WORDS[reduce]})` : ''}`;
}
