/** Boxes around features. */
import type { Geometry, Position } from "geojson";
import type { BBox, Feature } from "./types.ts";

/** The box around all geometries, undefined when there is none. */
export function boxAround(features: Iterable<Feature>): BBox | undefined {
  const box: BBox = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features) if (geometry) grow(box, geometry);
  return box[0] <= box[2] ? box : undefined;
}

function grow(box: BBox, geometry: Geometry): void {
  if (geometry.type === "GeometryCollection") {
    for (const member of geometry.geometries) grow(box, member);
    return;
  }
  const walk = (value: Position | Position[] | Position[][] | Position[][][]): void => {
    if (typeof value[0] === "number") {
      const [lon, lat] = value as [number, number];
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    } else for (const inner of value as Position[][]) walk(inner);
  };
  walk(geometry.coordinates);
}
