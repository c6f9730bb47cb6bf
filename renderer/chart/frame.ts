interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The edges of a plot inside of its picture, in the units of the picture's view box. */
export interface Frame extends Margin {
  readonly pictureWidth: number;
  readonly pictureHeight: number;
  readonly width: number;
  readonly height: number;
}

const PICTURE_WIDTH = 640;

/** A picture so high, with room for labels at its margins. */
export function frameOf(pictureHeight: number, margin: Margin): Frame {
  const right = PICTURE_WIDTH - margin.right;
  const bottom = pictureHeight - margin.bottom;
  return {
    pictureWidth: PICTURE_WIDTH,
    pictureHeight,
    left: margin.left,
    right,
    top: margin.top,
    bottom,
    width: right - margin.left,
    height: bottom - margin.top,
  };
}
