/** The telephone's page: one photo, its place, send; works with a thumb and a bad network. */
import { middle, near, Sketch } from "./sketch.js";

const { base = "", status = "actual", language = "ja" } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words);
const of = (id) => document.getElementById(id);
const MOST = 25 * 1024 * 1024;
let file = null;
let device = null;
let tap = null;

for (const input of [of("photo"), of("kept")]) {
  input.addEventListener("change", () => {
    const [chosen] = input.files;
    if (chosen) choose(chosen);
  });
}

function choose(chosen) {
  of("result").replaceChildren();
  if (chosen.size > MOST) return tell([words.too_large], true);
  file = chosen;
  const preview = of("preview");
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(chosen);
  preview.hidden = false;
  preview.onerror = () => (preview.hidden = true);
  of("send").disabled = false;
}

of("here").addEventListener("click", () => {
  if (!navigator.geolocation) return (of("where-now").textContent = words.no_device);
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => {
      device = { longitude: coords.longitude, latitude: coords.latitude, accuracy: coords.accuracy, time: timestamp };
      of("where-now").textContent = `✓ ${words.place_device} (±${Math.round(coords.accuracy)} m)`;
    },
    () => (of("where-now").textContent = words.no_device),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
});

let sketch = null;
of("on-map").addEventListener("click", async () => {
  const host = of("map");
  host.hidden = !host.hidden;
  of("on-map").setAttribute("aria-expanded", String(!host.hidden));
  if (sketch || host.hidden) return;
  const centre = device ? near([device.longitude, device.latitude]) : await middle();
  sketch = new Sketch(host, centre, (place) => {
    tap = place;
    of("where-now").textContent = `✓ ${words.place_tap} (${place[1].toFixed(4)}, ${place[0].toFixed(4)})`;
  });
});

of("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!file) return;
  const form = new FormData();
  form.set("photo", file, "photo");
  form.set("text", of("text").value);
  if (tap) {
    form.set("longitude", String(tap[0]));
    form.set("latitude", String(tap[1]));
  }
  if (device) {
    form.set("device_longitude", String(device.longitude));
    form.set("device_latitude", String(device.latitude));
    form.set("device_accuracy_m", String(device.accuracy));
  }
  // A photo just taken has the moment it was taken; a telephone keeps it in the file's time.
  form.set("device_time", new Date(file.lastModified).toISOString());
  const send = of("send");
  send.disabled = true;
  send.textContent = words.sending;
  try {
    const me = await (await fetch(`${base}/me`)).json();
    const query = new URLSearchParams({ status, lang: language });
    const headers = me.token ? { "X-CSRF-Token": me.token } : {};
    const answer = await fetch(`${base}/photos?${query}`, { method: "POST", body: form, headers });
    const body = await answer.json();
    if (answer.ok) received(body.receipt);
    else tell([body.detail ?? words.failed], true);
  } catch {
    tell([words.failed], true);
  } finally {
    send.textContent = words.send;
    send.disabled = !file;
  }
});

function received(receipt) {
  const lines = [`${words.number}: ${receipt.number}`];
  const notes = receipt.notes.map((note) => (language === "ja" ? note.ja : note.en));
  tell([receipt.known ? words.known : words.done, ...lines], false, notes);
  file = null;
  of("form").reset();
  of("preview").hidden = true;
  tap = null;
  if (sketch) sketch.picked = null;
  sketch?.draw();
  of("where-now").textContent = device ? `✓ ${words.place_device}` : words.where_hint;
}

function tell([head, ...lines], bad, notes = []) {
  const card = document.createElement("div");
  card.className = bad ? "card bad" : "card";
  const strong = document.createElement("strong");
  strong.textContent = (bad ? "" : "✓ ") + head;
  card.append(strong);
  for (const line of lines) card.append(Object.assign(document.createElement("p"), { textContent: line }));
  if (notes.length) {
    const list = document.createElement("ul");
    list.append(...notes.map((note) => Object.assign(document.createElement("li"), { textContent: note })));
    card.append(Object.assign(document.createElement("p"), { textContent: words.notes }), list);
  }
  of("result").replaceChildren(card);
  card.scrollIntoView({ block: "nearest" });
}
