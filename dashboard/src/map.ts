/** The map. This module and MapLibre GL come after the list is on the screen. */
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource, StyleSpecification } from "maplibre-gl";
import workerPath from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import basemap from "virtual:basemap";
import { drawn, hasNames, labelled, labelSource, sourceName, styleOf, type Drawn } from "./style.ts";
import { drawPattern, drawSymbol, isSymbol, patternName, symbolName } from "./symbols.ts";
import type { BBox, Feature, Language, Layer } from "./types.ts";

const JAPAN: [[number, number], [number, number]] = [
  [127.2, 30.2],
  [146.2, 45.7],
];
const FONTS = '"BIZ UDPGothic", "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif';

export interface MapEvents {
  onPick(found: { layer: string; key: string }[]): void;
  onMove(bbox: BBox, zoom: number): void;
}

export class MapView {
  private readonly map: Map;
  private readonly layers = new globalThis.Map<string, Layer>();
  private language: Language;
  private moved = location.hash.startsWith("#map");

  constructor(container: HTMLElement, layers: Layer[], language: Language, label: string, credit: string, events: MapEvents) {
    this.language = language;
    for (const layer of layers) this.layers.set(layer.id, layer);
    setWorkerUrl(new URL(workerPath, document.baseURI).href);
    this.map = new Map({
      container,
      style: this.style(),
      hash: "map",
      bounds: JAPAN,
      fitBoundsOptions: { padding: 12 },
      maxZoom: 16,
      minZoom: 3,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      localIdeographFontFamily: FONTS,
      locale: { "Map.Title": label },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({}), "bottom-left");
    this.map.addControl(new AttributionControl({ compact: true, customAttribution: credit }), "bottom-right");
    this.map.on("dragstart", () => (this.moved = true));
    this.map.on("click", ({ point }) => {
      const near: [[number, number], [number, number]] = [
        [point.x - 5, point.y - 5],
        [point.x + 5, point.y + 5],
      ];
      events.onPick(this.at(near));
    });
    this.map.on("mousemove", ({ point }) => {
      this.map.getCanvas().style.cursor = this.at([point.x, point.y]).length > 0 ? "pointer" : "";
    });
    const tell = (): void => {
      const b = this.map.getBounds();
      events.onMove([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], this.map.getZoom());
    };
    this.map.on("moveend", tell);
    void this.ready.then(() => {
      fold(container);
      tell();
    });
  }

  /** Once the first frame with everything in it has been drawn. */
  readonly ready: Promise<void> = new Promise((resolve, reject) => {
    queueMicrotask(() => {
      this.map.once("load", () => resolve());
      this.map.once("error", ({ error }) => reject(error));
    });
  });

  /** Give a layer what it shows. */
  show(layer: Layer, features: Iterable<Feature>): void {
    const shown = drawn(layer, features, this.language);
    this.fill(sourceName(layer), shown);
    if (hasNames(layer)) this.fill(labelSource(layer), labelled(shown));
  }

  /** Switch a layer on or off. */
  toggle(layer: Layer, on: boolean): void {
    for (const { id } of styleOf(layer)) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }

  /** Write the base map's names in a language; the layers' names come with `show`. */
  speak(language: Language): void {
    this.language = language;
    this.map.setLayoutProperty("prefectures", "text-field", ["get", language]);
  }

  /** Bring a box into view, unless the reader has chosen where to look (`always`: even then). */
  look(box: BBox, always = false): void {
    if (this.moved && !always) return;
    const [west, south, east, north] = box;
    this.map.fitBounds([[west, south], [east, north]], {
      // On a wide window the legend lies upon the left.
      padding: { top: 48, right: 56, bottom: 48, left: this.map.getContainer().clientWidth > 800 ? 290 : 48 },
      maxZoom: always ? Math.max(10, this.map.getZoom()) : 10,
      animate: always && !matchMedia("(prefers-reduced-motion: reduce)").matches,
      duration: 500,
    });
    if (always) this.moved = true;
  }

  resize(): void {
    this.map.resize();
  }

  private fill(source: string, features: Drawn[]): void {
    this.map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features });
  }

  private at(where: [number, number] | [[number, number], [number, number]]): { layer: string; key: string }[] {
    const ids = [...this.layers.values()].map(sourceName).filter((id) => this.map.getLayer(id));
    const seen = new Set<string>();
    return this.map.queryRenderedFeatures(where, { layers: ids }).flatMap((found) => {
      const layer = found.source.slice("layer-".length);
      const key = String(found.properties["key"]);
      if (seen.has(`${layer}/${key}`)) return [];
      seen.add(`${layer}/${key}`);
      return [{ layer, key }];
    });
  }

  private style(): StyleSpecification {
    const declared = [...this.layers.values()];
    const empty = { type: "FeatureCollection" as const, features: [] };
    const below = declared.filter((l) => l.shape === "area");
    const above = declared.filter((l) => l.shape !== "area");
    queueMicrotask(() => this.addImages());
    return {
      version: 8,
      sources: {
        land: { type: "geojson", data: basemap.land, tolerance: 0.2 },
        borders: { type: "geojson", data: basemap.borders },
        names: { type: "geojson", data: basemap.prefectures },
        ...Object.fromEntries(
          declared
            .flatMap((l) => [sourceName(l), ...(hasNames(l) ? [labelSource(l)] : [])])
            .map((name) => [name, { type: "geojson" as const, data: empty }]),
        ),
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": "#cfdae4" } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": "#e6e5df", "fill-outline-color": "#a9b3bd" } },
        ...below.flatMap((l) => styleOf(l).filter(({ type }) => type !== "symbol")),
        {
          id: "borders",
          type: "line",
          source: "borders",
          paint: { "line-color": "#5c6773", "line-width": ["interpolate", ["linear"], ["zoom"], 4, 0.6, 9, 1.4], "line-dasharray": [3, 2] },
        },
        {
          id: "prefectures",
          type: "symbol",
          source: "names",
          minzoom: 5.4,
          maxzoom: 8.5,
          layout: { "text-field": ["get", this.language], "text-size": 12, "text-letter-spacing": 0.08 },
          paint: { "text-color": "#44505d", "text-halo-color": "rgba(255,255,255,0.85)", "text-halo-width": 1.4 },
        },
        ...above.flatMap((l) => styleOf(l).filter(({ id }) => !id.endsWith("-label"))),
        ...declared.flatMap((l) => styleOf(l).filter(({ id }) => id.endsWith("-label"))),
      ],
    };
  }

  private addImages(): void {
    for (const layer of this.layers.values()) {
      for (const found of layer.classes) {
        if (found.pattern) this.image(patternName(found.pattern, found.ink), () => drawPattern(found));
        if (isSymbol(layer.shape) && found.colour) {
          this.image(symbolName(layer.shape, found.colour), () => drawSymbol(layer.shape, found.colour, layer.size_px));
        }
      }
    }
  }

  private image(name: string, draw: () => { data: ImageData; pixelRatio: number }): void {
    if (this.map.hasImage(name)) return;
    const { data, pixelRatio } = draw();
    this.map.addImage(name, data, { pixelRatio });
  }
}

/** The attribution starts unfolded, which covers a phone's map; its button stays. */
function fold(container: HTMLElement): void {
  const attribution = container.querySelector(".maplibregl-ctrl-attrib");
  attribution?.classList.remove("maplibregl-compact-show");
  attribution?.removeAttribute("open");
}
