/** A map that needs no network but ours: outlines and evacuation sites, to point at a place. */
const { base = "", status = "actual" } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words ?? "{}");

export class Sketch {
  /** centre: [longitude, latitude] and the width to show [degrees]; onPick is told where was tapped. */
  constructor(host, [centre, width], onPick) {
    this.centre = centre;
    this.scale = (360 / width) * 360;
    this.onPick = onPick;
    this.picked = null;
    this.lines = [];
    this.points = [];
    host.classList.add("sketch");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "application");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("aria-label", words.map_hint);
    const zoom = document.createElement("div");
    zoom.className = "zoom";
    for (const [text, label, factor] of [["＋", words.zoom_in, 2], ["−", words.zoom_out, 0.5]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.onclick = () => this.zoom(factor);
      zoom.append(button);
    }
    const hint = document.createElement("p");
    hint.textContent = words.map_hint;
    host.replaceChildren(this.canvas, zoom, hint);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.load();
  }

  listen() {
    const held = new Map();
    let start = null;
    this.canvas.onpointerdown = (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      held.set(event.pointerId, event);
      start = { x: event.offsetX, y: event.offsetY, centre: this.centre, moved: false };
    };
    this.canvas.onpointermove = (event) => {
      if (!start || held.size !== 1) return;
      const dx = event.offsetX - start.x;
      const dy = event.offsetY - start.y;
      if (Math.hypot(dx, dy) > 8) start.moved = true;
      if (!start.moved) return;
      const [west, north] = this.project(start.centre);
      this.centre = this.unproject([west - dx / this.scale, north - dy / this.scale]);
      this.draw();
    };
    this.canvas.onpointerup = (event) => {
      held.delete(event.pointerId);
      if (!start) return;
      if (start.moved) this.load();
      else this.pick(this.at(event.offsetX, event.offsetY));
      start = null;
    };
    this.canvas.onkeydown = (event) => {
      const step = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] }[event.key];
      if (event.key === "+" || event.key === "-") this.zoom(event.key === "+" ? 2 : 0.5);
      else if (event.key === "Enter") this.pick(this.centre);
      else if (step) this.centre = this.at(this.canvas.clientWidth / 2 + step[0], this.canvas.clientHeight / 2 + step[1]);
      else return;
      event.preventDefault();
      this.draw();
    };
  }

  /** Web Mercator with the world as 0 to 1 (EPSG:3857's formula). */
  project([longitude, latitude]) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return [longitude / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  }

  unproject([x, y]) {
    return [(x - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
  }

  at(x, y) {
    const [west, north] = this.project(this.centre);
    return this.unproject([west + (x - this.canvas.clientWidth / 2) / this.scale, north + (y - this.canvas.clientHeight / 2) / this.scale]);
  }

  screen(place) {
    const [west, north] = this.project(this.centre);
    const [x, y] = this.project(place);
    return [(x - west) * this.scale + this.canvas.clientWidth / 2, (y - north) * this.scale + this.canvas.clientHeight / 2];
  }

  pick(place) {
    this.picked = place;
    this.draw();
    this.onPick(place);
  }

  zoom(factor) {
    this.scale = Math.min(Math.max(this.scale * factor, 2 ** 11), 2 ** 22);
    this.draw();
    this.load();
  }

  async load() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const [west, north] = this.at(0, 0);
    const [east, south] = this.at(this.canvas.clientWidth || 360, this.canvas.clientHeight || 256);
    const bbox = [west, south, east, north].map((n) => n.toFixed(4)).join(",");
    const get = async (collection, limit) => {
      const answer = await fetch(`${base}/collections/${collection}/items?bbox=${bbox}&limit=${limit}&status=${status}`, { headers: { Accept: "application/geo+json" } });
      return answer.ok ? (await answer.json()).features : [];
    };
    const wide = (east - west) > 1.2;
    const wanted = wide ? [] : [get("areas", 30), get("response.sites", 150), get("response.shelters", 150)];
    const [areas = [], sites = [], shelters = []] = await Promise.all(wanted).catch(() => []);
    if (asked !== this.asked) return;
    this.lines = areas.flatMap((f) => rings(f.geometry));
    this.points = [...shelters, ...sites].filter((f) => f.geometry?.type === "Point").map((f) => [f.geometry.coordinates, f.properties.name ?? ""]);
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    this.drawGrid(pen, width, height);
    pen.strokeStyle = "#7b8794";
    for (const ring of this.lines) {
      pen.beginPath();
      ring.forEach((place, n) => (n ? pen.lineTo(...this.screen(place)) : pen.moveTo(...this.screen(place))));
      pen.stroke();
    }
    pen.font = "12px sans-serif";
    const taken = [];
    for (const [place, name] of this.points) {
      const [x, y] = this.screen(place);
      pen.fillStyle = "#1098ad";
      pen.fillRect(x - 3, y - 3, 6, 6);
      const box = [x, y, x + name.length * 12, y + 14];
      if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) continue;
      taken.push(box);
      pen.fillStyle = "#1b2430";
      pen.fillText(name, x + 5, y + 4);
    }
    if (this.picked) {
      const [x, y] = this.screen(this.picked);
      pen.lineWidth = 3;
      pen.strokeStyle = "#b3261e";
      pen.beginPath();
      pen.arc(x, y, 9, 0, 7);
      pen.moveTo(x - 16, y);
      pen.lineTo(x + 16, y);
      pen.moveTo(x, y - 16);
      pen.lineTo(x, y + 16);
      pen.stroke();
    }
  }

  drawGrid(pen, width, height) {
    const [west, north] = this.at(0, 0);
    const [east, south] = this.at(width, height);
    const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].find((s) => (east - west) / s < 6) ?? 10;
    pen.strokeStyle = "#d0d9e2";
    pen.fillStyle = "#7b8794";
    pen.font = "10px sans-serif";
    pen.lineWidth = 1;
    for (let lon = Math.ceil(west / step) * step; lon < east; lon += step) {
      const [x] = this.screen([lon, north]);
      pen.beginPath(); pen.moveTo(x, 0); pen.lineTo(x, height); pen.stroke();
      pen.fillText(lon.toFixed(3).replace(/0+$/, ""), x + 2, height - 3);
    }
    for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) {
      const [, y] = this.screen([west, lat]);
      pen.beginPath(); pen.moveTo(0, y); pen.lineTo(width, y); pen.stroke();
      pen.fillText(lat.toFixed(3).replace(/0+$/, ""), 2, y - 2);
    }
  }
}

function rings(geometry) {
  if (geometry?.type === "Polygon") return geometry.coordinates;
  if (geometry?.type === "MultiPolygon") return geometry.coordinates.flat();
  return [];
}

/** Where to begin: the middle of one's own sites or shelters, or Japan; with a width [degrees]. */
export async function middle() {
  for (const collection of ["response.shelters", "response.sites"]) {
    try {
      const answer = await fetch(`${base}/collections/${collection}?status=${status}`, { headers: { Accept: "application/json" } });
      const box = (await answer.json()).extent?.spatial?.bbox?.[0];
      if (box && box[2] - box[0] < 4) return [[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], Math.max((box[2] - box[0]) * 1.2, 0.05)];
    } catch { /* The next one, or Japan. */ }
  }
  return [[137.2, 36.7], 16];
}

/** A place that is known, close by. */
export const near = (place) => [place, 0.08];
