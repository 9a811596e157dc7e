/** The little geometry that the base map's build needs; plain lon-lat rings. */

export type Position = [number, number];
export type Ring = Position[];
/** west, south, east, north */
export type Box = readonly [number, number, number, number];

/** Cut a ring at a box's four sides (Sutherland-Hodgman); empty when nothing is left. */
export function clip(ring: Ring, box: Box): Ring {
  let points = ring;
  for (const side of [0, 1, 2, 3] as const) {
    const axis = side % 2 === 0 ? 0 : 1;
    const limit = box[side];
    const inside = (p: Position): boolean => (side < 2 ? p[axis] >= limit : p[axis] <= limit);
    const cut: Ring = [];
    points.forEach((current, i) => {
      const previous = points.at(i - 1) as Position;
      if (inside(current) !== inside(previous)) cut.push(crossing(previous, current, axis, limit));
      if (inside(current)) cut.push(current);
    });
    points = cut;
  }
  return points.length < 3 ? [] : closed(points);
}

/** The four boxes around a box that together are the rest of the world. */
export function around([west, south, east, north]: Box): Box[] {
  return [
    [-180, -90, west, 90],
    [east, -90, 180, 90],
    [west, north, east, 90],
    [west, -90, east, south],
  ];
}

/** Round to 1/1000 degree (about 100 m) and drop what then repeats. */
export function rounded(ring: Ring): Ring {
  const found: Ring = [];
  for (const [lon, lat] of ring) {
    const point: Position = [Math.round(lon * 1000) / 1000, Math.round(lat * 1000) / 1000];
    const last = found.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) found.push(point);
  }
  return found;
}

function crossing(a: Position, b: Position, axis: 0 | 1, limit: number): Position {
  const share = (limit - a[axis]) / (b[axis] - a[axis]);
  const other = a[1 - axis]! + share * (b[1 - axis]! - a[1 - axis]!);
  return axis === 0 ? [limit, other] : [other, limit];
}

function closed(ring: Ring): Ring {
  const first = ring[0]!;
  const last = ring.at(-1)!;
  return first[0] === last[0] && first[1] === last[1] ? ring : [...ring, first];
}
