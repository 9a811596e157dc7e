/** The map. This module and MapLibre GL come after the list is on the screen. */
import { AttributionControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource, MapSourceDataEvent, RasterTileSource, VectorTileSource } from "maplibre-gl";
import workerPath from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { caller } from "./api.ts";
import { boxAround } from "./geo.ts";
import { groundStyle, tiled } from "./ground.ts";
import { drawn, drawnFrom, filled, hasNames, labelled, labelSource, layerName, nameField, namedOnce, sourceName, styleOf, type Drawn } from "./style.ts";
import { drawPattern, drawSymbol, isSymbol, patternName, symbolName } from "./symbols.ts";
import { everywhere, picturePath, REAL, tilesPath } from "./tiles.ts";
import type { BBox, Feature, Language, Layer, View } from "./types.ts";

const JAPAN: [[number, number], [number, number]] = [
  [127.2, 30.2],
  [146.2, 45.7],
];
const FONTS = '"BIZ UDPGothic", "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif';

export interface MapEvents {
  onPick(found: { layer: string; key: string }[], at: [number, number]): void;
  onMove(bbox: BBox, zoom: number): void;
}

/** A changed collection's tiles are asked for again at most this often. */
const REFRESH_MS = 3_000;

export class MapView {
  private readonly map: Map;
  private readonly layers = new globalThis.Map<string, Layer>();
  private language: Language;
  private readonly refreshing = new globalThis.Map<string, ReturnType<typeof setTimeout>>();
  /** The reader, or the link that was followed, has chosen where to look. */
  private moved = /[#&]map=/.test(location.hash);

  constructor(container: HTMLElement, layers: Layer[], private view: View, label: string, credit: string, events: MapEvents) {
    this.language = view.language;
    for (const layer of layers) this.layers.set(layer.id, layer);
    setWorkerUrl(new URL(workerPath, document.baseURI).href);
    this.map = new Map({
      container,
      style: groundStyle(this.layers.values(), view),
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
      transformRequest: (url) => ({ url, headers: caller() }),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    queueMicrotask(() => this.addImages());
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({}), "bottom-left");
    this.map.addControl(new AttributionControl({ compact: true, customAttribution: credit }), "bottom-right");
    this.map.on("dragstart", () => (this.moved = true));
    this.map.on("click", ({ point, lngLat }) => {
      if (this.pointing) {
        this.pointing([lngLat.lng, lngLat.lat]);
        return;
      }
      const near: [[number, number], [number, number]] = [
        [point.x - 5, point.y - 5],
        [point.x + 5, point.y + 5],
      ];
      if (this.intoCluster(near, [lngLat.lng, lngLat.lat])) return;
      events.onPick(this.at(near), [lngLat.lng, lngLat.lat]);
    });
    let asked = 0;
    this.map.on("mousemove", ({ point }) => {
      // While the map moves under the pointer there is nothing to point at.
      if (this.pointing || this.map.isMoving()) return;
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => {
        this.map.getCanvas().style.cursor = this.at([point.x, point.y]).length > 0 ? "pointer" : "";
      });
    });
    const tell = (): void => {
      const b = this.map.getBounds();
      events.onMove([b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], this.map.getZoom());
    };
    this.map.on("moveend", tell);
    this.map.on("moveend", () => (this.unnamed = true));
    this.map.on("sourcedata", ({ tile, sourceId }) => (this.unnamed ||= tile !== undefined && !sourceId.startsWith("names-")));
    this.map.on("idle", () => this.nameOutlines());
    void this.ready.then(() => {
      fold(container);
      tell();
    });
  }

  /** Once sources and layers are there to be filled. */
  readonly ready: Promise<void> = new Promise((resolve, reject) => {
    queueMicrotask(() => {
      // Not "load", which waits for every tile of every layer.
      this.map.once("style.load", () => resolve());
      // A tile that does not come leaves a gap; only what is wrong with the map itself ends it.
      this.map.on("error", (event) => {
        if (!("sourceId" in event) && !("tile" in event)) reject(event.error);
      });
    });
  });

  /** Give a layer what it shows; one that comes in tiles asks for itself. */
  show(layer: Layer, given: Iterable<Feature>): void {
    const features = [...given];
    const from = drawnFrom(layer);
    if (from === "here") {
      const shown = drawn(layer, features, this.language);
      this.fill(sourceName(layer), shown);
      if (hasNames(layer)) this.fill(labelSource(layer), labelled(shown));
    } else if (from === "outlines") {
      const { filters, colour } = filled(layer, features);
      for (const [id, filter] of Object.entries(filters)) {
        for (const name of [id, id + REAL]) if (this.map.getLayer(name)) this.map.setFilter(name, filter);
      }
      for (const name of [layerName(layer), layerName(layer) + REAL]) this.map.setPaintProperty(name, "fill-color", colour);
      this.inForce = new Set(features.map(({ id }) => id));
      this.unnamed = true;
    }
  }

  /** What is filled is named before its neighbours are. */
  private inForce: ReadonlySet<string> = new Set();
  private unnamed = true;

  /** Names of shapes that come in tiles: of those in the window, when it has come to rest. */
  private nameOutlines(): void {
    if (!this.unnamed) return;
    this.unnamed = false;
    for (const layer of this.layers.values()) {
      if (!tiled(layer) || !hasNames(layer)) continue;
      const near = this.map.getZoom() >= Math.max(layer.min_zoom, layer.label_zoom ?? 0);
      const sources = [sourceName(layer), ...(everywhere(layer) && this.view.status !== "actual" ? [sourceName(layer) + REAL] : [])];
      const pieces = near ? sources.flatMap((source) => this.map.querySourceFeatures(source, { sourceLayer: layer.collection })) : [];
      this.fill(labelSource(layer), namedOnce(layer, pieces, this.language, this.inForce));
    }
  }

  /** Another status or moment: tiles are of that. */
  turn(view: View): void {
    const { status } = this.view;
    this.view = view;
    for (const layer of this.layers.values()) {
      // Of another moment only what changes with the moment is asked for anew.
      if (!everywhere(layer) || status !== view.status) this.refresh(layer);
      if (everywhere(layer)) this.toggle(layer, !this.hidden.has(layer.id));
    }
  }

  /** A collection has changed: its tiles are asked for again before long. */
  changed(collection: string): void {
    for (const layer of this.layers.values()) {
      if (!tiled(layer) || (layer.outlines || layer.collection) !== collection || this.refreshing.has(layer.id)) continue;
      const timer = setTimeout(() => {
        this.refreshing.delete(layer.id);
        this.refresh(layer);
      }, REFRESH_MS);
      this.refreshing.set(layer.id, timer);
    }
  }

  /** Draw a grid as of a moment (none: nothing) from these statements; what is drawn already is not asked for again. */
  picture(layer: Layer, moment: string | undefined, statements: string): void {
    const path = moment === undefined ? "" : picturePath(layer, this.view, moment);
    const drawn = path && `${path} ${statements}`;
    if ((this.pictured.get(layer.id) ?? "") === drawn) return;
    this.pictured.set(layer.id, drawn);
    const show = (): void => this.toggle(layer, !this.hidden.has(layer.id));
    if (path === "") {
      show();
      return;
    }
    // Shown before it knows its new address, a source would ask for each tile twice.
    const known = (event: MapSourceDataEvent): void => {
      if (event.sourceId !== sourceName(layer) || event.sourceDataType !== "content") return;
      this.map.off("sourcedata", known);
      show();
    };
    this.map.on("sourcedata", known);
    this.map.getSource<RasterTileSource>(sourceName(layer))?.setTiles([path]);
  }

  private readonly pictured = new globalThis.Map<string, string>();

  private refresh(layer: Layer): void {
    if (!tiled(layer)) return;
    const path = tilesPath(layer, this.layers.values(), this.view);
    this.map.getSource<VectorTileSource>(sourceName(layer))?.setTiles([path]);
  }

  centre(): [number, number] {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
  }

  /** The next click gives a point; null calls it off. */
  point(): Promise<[number, number] | null> {
    this.pointing?.(null);
    this.map.getCanvas().style.cursor = "crosshair";
    return new Promise((resolve) => {
      this.pointing = (found) => {
        this.pointing = undefined;
        this.map.getCanvas().style.cursor = "";
        removeEventListener("keydown", escape, true);
        resolve(found);
      };
      const escape = (event: KeyboardEvent): void => {
        if (event.key === "Escape") this.pointing?.(null);
        else if (event.key === "Enter" && document.activeElement === this.map.getCanvas()) {
          // By keyboard the map is moved under its middle.
          const { lng, lat } = this.map.getCenter();
          this.pointing?.([lng, lat]);
        } else return;
        event.stopPropagation();
      };
      addEventListener("keydown", escape, true);
    });
  }

  private pointing: ((found: [number, number] | null) => void) | undefined;

  /** The box around outlines that a layer fills, as far as they are on the map. */
  boxOf(layer: Layer, keys: Set<string>): BBox | undefined {
    const sources = [sourceName(layer), ...(this.view.status === "actual" ? [] : [sourceName(layer) + REAL])];
    const found = sources.flatMap((source) => this.map.querySourceFeatures(source, { sourceLayer: layer.outlines }));
    return boxAround(
      found.flatMap(({ geometry, properties }) =>
        keys.has(String(properties["id"])) ? [{ type: "Feature" as const, id: "", properties: {}, geometry }] : [],
      ),
    );
  }

  /** Resolves when everything that is asked for has come and is drawn. */
  idle(): Promise<void> {
    return new Promise((resolve) => void this.map.once("idle", () => resolve()));
  }

  /** The picture on paper: what is on the screen now, copied at once, as printing does not wait. */
  copyTo(canvas: HTMLCanvasElement): void {
    this.map.redraw();
    const shown = this.map.getCanvas();
    canvas.width = shown.width;
    canvas.height = shown.height;
    canvas.getContext("2d")?.drawImage(shown, 0, 0);
  }

  /** Switch a layer on or off. */
  toggle(layer: Layer, on: boolean): void {
    if (on) this.hidden.delete(layer.id);
    else this.hidden.add(layer.id);
    const show = (id: string, shown: boolean): void => {
      this.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
    };
    // A grid is asked for once it is known of which moment.
    const some = drawnFrom(layer) !== "pictures" || Boolean(this.pictured.get(layer.id));
    for (const { id } of styleOf(layer)) {
      show(id, on && some);
      // On the actual screen the real country is all there is.
      if (this.map.getLayer(id + REAL)) show(id + REAL, on && this.view.status !== "actual");
    }
  }

  private readonly hidden = new Set<string>();

  /** Write the base map's names in a language; the layers' names come with `show`. */
  speak(language: Language): void {
    this.language = language;
    this.unnamed = true;
    this.map.setLayoutProperty("prefectures", "text-field", ["get", language]);
    for (const layer of this.layers.values()) {
      if (tiled(layer) && layer.label_zoom !== null && drawnFrom(layer) !== "outlines") {
        this.map.setLayoutProperty(`${layerName(layer)}-label`, "text-field", nameField(layer, language));
      }
    }
  }

  /** Bring a box into view, unless the reader has chosen where to look (`always`: even then). */
  look(box: BBox, always = false): void {
    if (this.moved && !always) return;
    const [west, south, east, north] = box;
    this.map.fitBounds([[west, south], [east, north]], {
      // On a wide window the legend lies upon the left.
      padding: { top: 48, right: 56, bottom: 48, left: this.map.getContainer().clientWidth > 800 ? 290 : 48 },
      // A point keeps its surroundings; what has an extent is seen whole, however small.
      maxZoom: always ? Math.max(east > west && north > south ? 14 : 10, this.map.getZoom()) : 10,
      animate: always && !still(),
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
    const names = [...this.layers.values()].filter(({ shape }) => shape !== "grid").map(layerName);
    const ids = names.flatMap((id) => [id, id + REAL]).filter((id) => this.map.getLayer(id));
    const seen = new Set<string>();
    return this.map.queryRenderedFeatures(where, { layers: ids }).flatMap((found) => {
      const layer = found.layer.id.slice("layer-".length).replace(REAL, "");
      const key = String(found.properties["key"] ?? found.properties["id"]);
      if (seen.has(`${layer}/${key}`)) return [];
      seen.add(`${layer}/${key}`);
      return [{ layer, key }];
    });
  }

  /** Many in one place: come closer. */
  private intoCluster(where: [[number, number], [number, number]], center: [number, number]): boolean {
    const ids = [...this.layers.values()].map((layer) => `${layerName(layer)}-many`).filter((id) => this.map.getLayer(id));
    const found = this.map.queryRenderedFeatures(where, { layers: ids });
    if (found.length === 0) return false;
    this.moved = true;
    this.map.easeTo({ center, zoom: this.map.getZoom() + 2, duration: still() ? 0 : 400 });
    return true;
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

const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The attribution starts unfolded, which covers a phone's map; its button stays. */
function fold(container: HTMLElement): void {
  const attribution = container.querySelector(".maplibregl-ctrl-attrib");
  attribution?.classList.remove("maplibregl-compact-show");
  attribution?.removeAttribute("open");
}
