import { useRef, useState } from 'react';
import type { DocumentSummary, TensorDetail } from '../contract.ts';
import { useElementSize } from '../ui/use-element-size.ts';
import { AxisPickers } from './AxisPickers.tsx';
import { ColorScale } from './ColorScale.tsx';
import { HeatmapCanvas } from './HeatmapCanvas.tsx';
import { HeatmapControls } from './HeatmapControls.tsx';
import { displaySize, formatSpan, type MatrixWindow, wholeMatrix } from './heatmap-window.ts';
import { extentOfSlice, type SliceView, useSliceView } from './slice-view.ts';
import { type HeatmapOptions, useHeatmap } from './use-heatmap.ts';
import './heatmap.css';

interface HeatmapProps {
  readonly document: DocumentSummary;
  readonly detail: TensorDetail;
}

const READOUT_HEIGHT = 26;
const INITIAL: HeatmapOptions = { colorMap: 'diverging', reduce: 'mean', range: null };

/** A slice of the tensor as a picture: painted by the host, one pixel or more per element where it fits. */
export function Heatmap({ document, detail }: HeatmapProps) {
  const [view, setView] = useSliceView(detail.shape, 'lying');
  const [options, setOptions] = useState<HeatmapOptions>(INITIAL);
  const size = extentOfSlice(detail.shape, view);
  const [zoom, setZoom] = useState<MatrixWindow | null>(null);
  const changeSlice = (next: SliceView): void => {
    const sameAxes = next.rowAxis === view.rowAxis && next.columnAxis === view.columnAxis;
    if (!sameAxes) setZoom(null);
    setView(next);
  };
  if (detail.elements === 0) return <p className="guidance">This tensor has no elements: one of its sizes is 0.</p>;
  const window = zoom ?? wholeMatrix(size);
  return (
    <div className="heatmap-view">
      <div className="view-controls">
        <AxisPickers shape={detail.shape} view={view} onChange={changeSlice} />
        <HeatmapControls options={options} onOptions={setOptions} window={window} size={size} onWindow={setZoom} />
      </div>
      <HeatmapStage
        document={document}
        detail={detail}
        view={view}
        window={window}
        options={options}
        onOptions={setOptions}
        onWindow={setZoom}
      />
    </div>
  );
}

interface HeatmapStageProps extends HeatmapProps {
  readonly view: SliceView;
  readonly window: MatrixWindow;
  readonly options: HeatmapOptions;
  readonly onOptions: (options: HeatmapOptions) => void;
  readonly onWindow: (window: MatrixWindow) => void;
}

function HeatmapStage({ document, detail, view, window, options, onOptions, onWindow }: HeatmapStageProps) {
  const room = useRef<HTMLDivElement>(null);
  const roomSize = useElementSize(room);
  const shown = { rows: window.rows[1] - window.rows[0], columns: window.columns[1] - window.columns[0] };
  const display = displaySize(shown, {
    width: Math.max(1, roomSize.width),
    height: Math.max(1, roomSize.height - READOUT_HEIGHT),
  });
  const density = globalThis.devicePixelRatio;
  const picture = useHeatmap({
    document,
    detail,
    view,
    window,
    options,
    room: { width: display.width * density, height: display.height * density },
  });
  const label = `Heatmap of ${detail.name}, rows ${formatSpan(window.rows)}, columns ${formatSpan(window.columns)}`;
  return (
    <>
      {picture.failure && (
        <p role="alert" className="problem">
          {picture.failure.message}
        </p>
      )}
      {picture.data && <ColorScale picture={picture.data} options={options} onOptions={onOptions} />}
      <div className="heatmap-room" ref={room} aria-busy={picture.pending}>
        {picture.data && roomSize.width > 0 && (
          <HeatmapCanvas
            label={label}
            picture={picture.data}
            display={display}
            reduce={options.reduce}
            window={window}
            size={extentOfSlice(detail.shape, view)}
            onWindow={onWindow}
          />
        )}
      </div>
    </>
  );
}
