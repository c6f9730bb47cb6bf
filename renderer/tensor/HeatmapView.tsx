import { useRef, useState } from 'react';
import { useElementSize } from '../ui/use-element-size.ts';
import { AxisPickers } from './AxisPickers.tsx';
import { ColorScale } from './ColorScale.tsx';
import { HeatmapCanvas } from './HeatmapCanvas.tsx';
import { HeatmapControls } from './HeatmapControls.tsx';
import { HeatmapStatus } from './HeatmapStatus.tsx';
import { displaySize, formatSpan, type MatrixWindow, wholeMatrix } from './heatmap-window.ts';
import { extentOfSlice, type SliceView, useSliceView } from './slice-view.ts';
import { type HeatmapOptions, type HeatmapSubject, useHeatmap } from './use-heatmap.ts';
import './heatmap.css';
import { Problem } from '../ui/Problem.tsx';

interface HeatmapViewProps {
  readonly subject: HeatmapSubject;
}

const READOUT_HEIGHT = 26;
const INITIAL: HeatmapOptions = { colorMap: 'diverging', reduce: 'mean', range: null };

/** A slice as a picture with what can be done to it: painted by the host, one pixel or more per element where it fits. */
export function HeatmapView({ subject }: HeatmapViewProps) {
  const { shape } = subject;
  const [view, setView] = useSliceView(shape, 'lying');
  const [options, setOptions] = useState<HeatmapOptions>(INITIAL);
  const size = extentOfSlice(shape, view);
  const [zoom, setZoom] = useState<MatrixWindow | null>(null);
  const changeSlice = (next: SliceView): void => {
    const sameAxes = next.rowAxis === view.rowAxis && next.columnAxis === view.columnAxis;
    if (!sameAxes) setZoom(null);
    setView(next);
  };
  if (shape.includes(0)) return <p className="guidance">This tensor has no elements: one of its sizes is 0.</p>;
  const window = zoom ?? wholeMatrix(size);
  return (
    <div className="heatmap-view">
      <div className="view-controls">
        <AxisPickers shape={shape} view={view} onChange={changeSlice} />
        <HeatmapControls options={options} onOptions={setOptions} window={window} size={size} onWindow={setZoom} />
      </div>
      <HeatmapStage
        subject={subject}
        view={view}
        window={window}
        options={options}
        onOptions={setOptions}
        onWindow={setZoom}
      />
    </div>
  );
}

interface HeatmapStageProps extends HeatmapViewProps {
  readonly view: SliceView;
  readonly window: MatrixWindow;
  readonly options: HeatmapOptions;
  readonly onOptions: (options: HeatmapOptions) => void;
  readonly onWindow: (window: MatrixWindow) => void;
}

function HeatmapStage({ subject, view, window, options, onOptions, onWindow }: HeatmapStageProps) {
  const room = useRef<HTMLDivElement>(null);
  const roomSize = useElementSize(room);
  const shown = { rows: window.rows[1] - window.rows[0], columns: window.columns[1] - window.columns[0] };
  const display = displaySize(shown, {
    width: Math.max(1, roomSize.width),
    height: Math.max(1, roomSize.height - READOUT_HEIGHT),
  });
  const density = globalThis.devicePixelRatio;
  const picture = useHeatmap({
    subject,
    view,
    window,
    options,
    room: { width: display.width * density, height: display.height * density },
  });
  const label = `${subject.label}, rows ${formatSpan(window.rows)}, columns ${formatSpan(window.columns)}`;
  return (
    <>
      <Problem message={picture.failure?.message} />
      <ColorScale picture={picture.data} options={options} onOptions={onOptions} />
      <div className="heatmap-room" ref={room} aria-busy={picture.pending}>
        {picture.data && roomSize.width > 0 && (
          <HeatmapCanvas
            label={label}
            picture={picture.data}
            display={display}
            reduce={options.reduce}
            window={window}
            size={extentOfSlice(subject.shape, view)}
            onWindow={onWindow}
          >
            <HeatmapStatus picture={picture} task={subject.task} />
          </HeatmapCanvas>
        )}
      </div>
    </>
  );
}
