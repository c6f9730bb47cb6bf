import type { ColorMap } from '../contract.ts';
import { Choice } from '../ui/Choice.tsx';
import { Icon } from '../ui/Icon.tsx';
import {
  type Direction,
  type MatrixSize,
  type MatrixWindow,
  moved,
  wholeMatrix,
  ZOOM_IN,
  ZOOM_OUT,
  zoomedBy,
} from './heatmap-window.ts';
import type { HeatmapOptions } from './use-heatmap.ts';

const COLOR_MAPS: Readonly<Record<ColorMap, string>> = {
  diverging: 'Diverging',
  sequential: 'Sequential',
  gray: 'Gray',
};

const REDUCTIONS: Readonly<Record<HeatmapOptions['reduce'], string>> = {
  mean: 'Mean',
  maxabs: 'Largest magnitude',
  sample: 'Sample',
};

interface HeatmapControlsProps {
  readonly options: HeatmapOptions;
  readonly onOptions: (options: HeatmapOptions) => void;
  readonly window: MatrixWindow;
  readonly size: MatrixSize;
  readonly onWindow: (window: MatrixWindow) => void;
}

export function HeatmapControls({ options, onOptions, window, size, onWindow }: HeatmapControlsProps) {
  return (
    <>
      <Choice
        label="Colours"
        choices={COLOR_MAPS}
        value={options.colorMap}
        onChange={(colorMap) => onOptions({ ...options, colorMap })}
      />
      <Choice
        label="Reduce"
        choices={REDUCTIONS}
        value={options.reduce}
        onChange={(reduce) => onOptions({ ...options, reduce })}
      />
      <span className="spacer" />
      <ZoomButtons window={window} size={size} onWindow={onWindow} />
    </>
  );
}

type ZoomButtonsProps = Pick<HeatmapControlsProps, 'window' | 'size' | 'onWindow'>;

const MOVES: readonly (readonly [name: string, arrow: string, direction: Direction])[] = [
  ['Move left', '←', 'left'],
  ['Move right', '→', 'right'],
  ['Move up', '↑', 'up'],
  ['Move down', '↓', 'down'],
];

function ZoomButtons({ window, size, onWindow }: ZoomButtonsProps) {
  const zoom = (factor: number): void => onWindow(zoomedBy(factor, window, size));
  const isWhole =
    window.rows[1] - window.rows[0] === size.rows && window.columns[1] - window.columns[0] === size.columns;
  return (
    <div role="toolbar" aria-label="Zoom" className="zoom-buttons">
      {MOVES.map(([name, arrow, direction]) => (
        <button
          key={name}
          type="button"
          className="icon-button"
          aria-label={name}
          disabled={isWhole}
          onClick={() => onWindow(moved(direction, window, size))}
        >
          <span aria-hidden="true">{arrow}</span>
        </button>
      ))}
      <button type="button" className="icon-button" aria-label="Zoom in" onClick={() => zoom(ZOOM_IN)}>
        <Icon name="plus" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Zoom out"
        disabled={isWhole}
        onClick={() => zoom(ZOOM_OUT)}
      >
        <Icon name="minus" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label="Show the whole slice"
        disabled={isWhole}
        onClick={() => onWindow(wholeMatrix(size))}
      >
        <Icon name="fit" />
      </button>
    </div>
  );
}
