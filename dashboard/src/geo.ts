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

/** Where a name is written: the middle of the geometry's largest ring, so that islands stay quiet. */
export function labelPoint(geometry: Geometry): Position | undefined {
  if (geometry.type === "Point") return geometry.coordinates;
  const rings =
    geometry.type === "Polygon"
      ? [geometry.coordinates[0]]
      : geometry.type === "MultiPolygon"
        ? geometry.coordinates.map((polygon) => polygon[0])
        : [];
  let best: Position | undefined;
  let most = 0;
  for (const ring of rings) {
    const found = ring && centroid(ring);
    if (found && found.area > most) {
      most = found.area;
      best = found.point;
    }
  }
  return best;
}

function centroid(ring: Position[]): { area: number; point: Position } | undefined {
  let area = 0;
  let x = 0;
  let y = 0;
  // Relative to the first corner: degrees are large against a small area's own size.
  const [lon0, lat0] = ring[0] as [number, number];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [ax, ay] = [ring[i]![0]! - lon0, ring[i]![1]! - lat0];
    const [bx, by] = [ring[i + 1]![0]! - lon0, ring[i + 1]![1]! - lat0];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  if (area === 0) return undefined;
  return { area: Math.abs(area / 2), point: [lon0 + x / (3 * area), lat0 + y / (3 * area)] };
}
