/** Patterns and symbols drawn into small images, so that nothing hangs on colour alone. */
import type { Class, Pattern, Shape } from "./types.ts";

const SIZE = 16;
/** Drawn at twice the size for sharp screens. */
const RATIO = 2;

export interface Picture {
  data: ImageData;
  pixelRatio: number;
}

export const patternName = (pattern: Pattern, ink: string): string => `pattern-${pattern}-${ink}`;
export const symbolName = (shape: Shape, colour: string): string => `symbol-${shape}-${colour}`;

/** The pattern in the class's ink upon nothing; tiles without a seam. */
export function drawPattern({ pattern, ink }: Class): Picture {
  return picture(SIZE, (pen) => {
    pen.strokeStyle = pen.fillStyle = ink;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 1.4;
    pen.beginPath();
    if (pattern === "lines" || pattern === "cross") diagonals(pen, 1);
    if (pattern === "cross") diagonals(pen, -1);
    if (pattern === "grid") {
      pen.rect(-1, SIZE / 2, SIZE + 2, 0.01);
      pen.rect(SIZE / 2, -1, 0.01, SIZE + 2);
    }
    if (pattern === "dots") {
      for (const [x, y] of [[4, 4], [12, 12]] as const) {
        pen.moveTo(x + 1.6, y);
        pen.arc(x, y, 1.6, 0, 2 * Math.PI);
      }
      pen.fill();
    } else pen.stroke();
  });
}

/** Whether a shape is drawn as a symbol of its own, not as the map's own circle, line or area. */
export const isSymbol = (shape: Shape): boolean => OUTLINES[shape].length > 0;

/** A square, diamond, triangle or mountain with a light rim. */
export function drawSymbol(shape: Shape, colour: string, radius: number): Picture {
  const size = Math.ceil(radius * 2.5 + 3);
  const middle = size / 2;
  return picture(size, (pen) => {
    pen.translate(middle, middle);
    pen.lineJoin = "round";
    pen.beginPath();
    for (const [i, [x, y]] of OUTLINES[shape].entries()) {
      if (i === 0) pen.moveTo(x * radius, y * radius);
      else pen.lineTo(x * radius, y * radius);
    }
    pen.closePath();
    pen.fillStyle = colour;
    pen.fill();
    pen.lineWidth = 1.2;
    pen.strokeStyle = "#ffffff";
    pen.stroke();
  });
}

const OUTLINES: Record<Shape, readonly (readonly [number, number])[]> = {
  square: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  diamond: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
  triangle: [[0, -1.1], [1.05, 0.8], [-1.05, 0.8]],
  // A crater between two shoulders: flat-topped, so that it is no gauge's triangle.
  mountain: [[-0.5, -0.8], [-0.15, -0.3], [0.15, -0.3], [0.5, -0.8], [1.25, 0.85], [-1.25, 0.85]],
  none: [],
  grid: [],
  circle: [],
  area: [],
  line: [],
};

function diagonals(pen: CanvasRenderingContext2D, slope: 1 | -1): void {
  for (const shift of [-SIZE, -SIZE / 2, 0, SIZE / 2, SIZE]) {
    pen.moveTo(-2 + shift, slope > 0 ? SIZE + 2 : -2);
    pen.lineTo(SIZE + 2 + shift, slope > 0 ? -2 : SIZE + 2);
  }
}

function picture(size: number, draw: (pen: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const pen = canvas.getContext("2d")!;
  pen.scale(RATIO, RATIO);
  draw(pen);
  return { data: pen.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: RATIO };
}
