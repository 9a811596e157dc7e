/** The queue: original beside covered, boxes by hand, the decision with who and why. */
import { middle, near, Sketch } from "./sketch.js";

const { base = "", status = "actual", language = "ja" } = document.body.dataset;
const words = JSON.parse(document.body.dataset.words);
const of = (id) => document.getElementById(id);
const COLLECTION = "response.photo_intake";
const OPEN = "state IN ('waiting','received','redrawing','unreadable')";
const query = (more = {}) => new URLSearchParams({ ...(status === "actual" ? {} : { status }), ...more });
let me = { name: null };
let items = [];
let chosen = null;
let drawn = "";
let boxes = [];

function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((c) => c !== false && c != null));
  return element;
}

const fill = (host, ...children) => host.replaceChildren(...children.filter((c) => c !== false && c != null));
const time = (text) => (text ? new Date(text).toLocaleString("ja-JP", { timeZone: "Asia/Tokyo", dateStyle: "short", timeStyle: "short" }) : "–");
/** The address holds the digest: a browser that had the picture before it was drawn anew would show that. */
const picture = (key, part, digest) => `${base}/photos/intake/${encodeURIComponent(key)}/${part}?${query({ digest })}`;

async function start() {
  me = await (await fetch(`${base}/me`)).json();
  const select = of("shown");
  if (!select.childElementCount) {
    select.append(h("option", { value: "open" }, words.open), h("option", { value: "decided" }, words.decided));
    select.onchange = look;
  }
  signIn();
  await look();
}

function signIn() {
  const host = of("signin");
  host.hidden = me.name !== null;
  if (me.name !== null) return;
  const key = h("input", { type: "password", autocomplete: "off", "aria-label": words.key });
  const enter = (body) => async (event) => {
    event.preventDefault();
    const answer = await fetch(`${base}/session?lang=${language}`, { method: "POST", headers: { "X-CSRF-Token": "1", "Content-Type": "application/json" }, body: JSON.stringify(body()) });
    if (answer.ok) await start();
    else problem(host, (await answer.json()).detail);
  };
  fill(host,
    h("p", {}, words.sign_in_hint, " ", h("a", { href: `${base}/?${query()}` }, words.dashboard)),
    h("form", { class: "row", onsubmit: enter(() => ({ key: key.value })) }, h("label", {}, words.key, key), h("button", { type: "submit" }, words.sign_in)),
  );
}

async function look() {
  if (me.name === null) return drawQueue();
  const filter = of("shown").value === "decided" ? `NOT (${OPEN})` : OPEN;
  const answer = await fetch(`${base}/collections/${COLLECTION}/items?${query({ filter, limit: "200" })}`, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok) return;
  items = (await answer.json()).features.sort((a, b) => a.properties.received_at.localeCompare(b.properties.received_at));
  if (of("shown").value === "decided") items.reverse();
  drawQueue();
  const now = items.find((item) => item.id === chosen) ?? (chosen ? await one(chosen) : undefined);
  draw(now ?? null);
}

async function one(key) {
  const answer = await fetch(`${base}/collections/${COLLECTION}/items/${encodeURIComponent(key)}?${query()}`, { headers: { Accept: "application/geo+json" } });
  return answer.ok ? answer.json() : undefined;
}

function drawQueue() {
  const rows = items.map(({ id, properties: p }) =>
    h("li", {}, h("button", { type: "button", "aria-current": String(id === chosen), onclick: () => { chosen = id; drawQueue(); draw(items.find((i) => i.id === id)); } },
      p.thumbnail && p.originals !== "erased" ? h("img", { src: picture(id, "thumbnail", p.thumbnail), alt: "" }) : h("span"),
      h("span", {}, h("b", {}, p.text || "–"), h("small", {}, time(p.received_at)), h("span", { class: `state ${p.state}` }, words[`state_${p.state}`]),
        (p.findings ?? []).some((f) => f.grave !== false) && h("small", {}, `⚠ ${words.findings}`)))));
  of("queue").replaceChildren(...(rows.length ? rows : [h("li", {}, words.empty)]));
}

/** Draw the photo's side; not while it says the same, for somebody may be typing there. */
function draw(item) {
  const now = item ? `${item.id} ${item.properties.record}` : "";
  if (now === drawn && of("photo").childElementCount) return;
  drawn = now;
  const host = of("photo");
  if (!item) return host.replaceChildren(h("p", { class: "note" }, words.pick));
  const p = item.properties;
  boxes = (p.boxes ?? []).map((box) => ({ ...box }));
  fill(host,
    h("div", { class: "row" }, h("h2", {}, p.text || item.id), h("span", { class: `state ${p.state}` }, words[`state_${p.state}`])),
    p.trouble && h("p", { class: "alarm" }, p.trouble),
    pair(item),
    h("div", { class: "columns" }, facts(item), decision(item)),
  );
}

function pair(item) {
  const p = item.properties;
  if (p.originals === "erased") return h("p", { class: "alarm" }, `${words.erased} (${time(p.erased_at)})`);
  if (!p.working) return h("p", { class: "alarm" }, p.state === "received" ? words.wait : words.state_unreadable);
  const frame = h("div", { class: "frame draw" }, h("img", { src: picture(item.id, "working", p.working), alt: words.before, draggable: "false" }));
  const editable = p.state === "waiting";
  const again = h("button", { type: "button", disabled: true, onclick: () => act(item, "response.redraw-photo", { boxes: boxes.flatMap((b) => [b.left, b.top, b.right, b.bottom]) }) }, words.redraw);
  const undo = h("button", { type: "button", onclick: () => { drawn = ""; draw(item); } }, words.undo);
  const show = () => showBoxes(frame, editable, () => { again.disabled = false; show(); });
  show();
  if (editable) drawing(frame, () => { again.disabled = false; show(); });
  const found = p.looked ? `${words.looked}: ${(p.detectors ?? []).join(", ")}` : "";
  return h("div", {},
    !p.looked && h("p", { class: "alarm" }, words.not_looked),
    h("div", { class: "pair" },
      h("figure", {}, h("figcaption", {}, words.before), frame),
      h("figure", {}, h("figcaption", {}, words.after), p.covered ? h("div", { class: "frame" }, h("img", { src: picture(item.id, "covered", p.covered), alt: words.after })) : h("p", {}, words.wait))),
    editable && h("p", { class: "note" }, words.draw_hint, " ", found),
    editable && h("div", { class: "row" }, again, undo));
}

function showBoxes(frame, editable, changed) {
  frame.querySelectorAll(".box").forEach((box) => box.remove());
  boxes.forEach((box, number) => {
    const one = h("div", { class: `box ${box.kind ?? "hand"}` });
    one.style.left = `${box.left * 100}%`;
    one.style.top = `${box.top * 100}%`;
    one.style.width = `${(box.right - box.left) * 100}%`;
    one.style.height = `${(box.bottom - box.top) * 100}%`;
    if (editable) one.append(h("button", { type: "button", "aria-label": "×", onpointerdown: (e) => e.stopPropagation(), onclick: () => { boxes.splice(number, 1); changed(); } }, "×"));
    frame.append(one);
  });
}

function drawing(frame, changed) {
  let from = null;
  let ghost = null;
  const at = (event) => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return [Math.min(Math.max((event.clientX - left) / width, 0), 1), Math.min(Math.max((event.clientY - top) / height, 0), 1)];
  };
  frame.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    from = at(event);
    ghost = h("div", { class: "box hand" });
    frame.append(ghost);
  });
  const edges = (to) => [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [left, top, right, bottom] = edges(at(event));
    Object.assign(ghost.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%` });
  });
  frame.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [left, top, right, bottom] = edges(at(event));
    from = null;
    ghost.remove();
    if (right - left < 0.004 || bottom - top < 0.004) return;
    boxes.push({ left, top, right, bottom, kind: "hand" });
    changed();
  });
}

function facts(item) {
  const p = item.properties;
  const findings = p.findings ?? [];
  const place = item.geometry?.coordinates;
  const by = (name) => (name ? ` (${words[`by_${name}`] ?? name})` : "");
  const rows = [
    [words.sent_text, p.text || "–"],
    [words.sender, p.sent_by === "reporter" ? p.sender : words.resident],
    [words.received_at, time(p.received_at)],
    [words.taken_at, time(p.taken_at) + by(p.taken_from)],
    [words.place, place ? `${place[1].toFixed(5)}, ${place[0].toFixed(5)}${by(p.place_from)}` : words.no_place],
    [words.camera, p.camera || "–"],
    p.decided_at && [words.decided_by, `${p.decided_by || "–"} ${time(p.decided_at)} ${p.reason ?? ""}`],
  ].filter(Boolean);
  return h("div", {},
    findings.length
      ? h("div", { class: "alarm" }, h("b", {}, words.findings), h("ul", {}, ...findings.map((f) => h("li", {}, `${f.grave === false ? "" : "⚠ "}${language === "ja" ? f.ja : f.en}`))))
      : h("p", { class: "note" }, words.no_findings),
    h("h2", {}, words.facts),
    h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("p", {}, h("a", { href: `${base}/collections/${COLLECTION}/items/${encodeURIComponent(item.id)}/history?${query({ f: "html" })}` }, words.history)));
}

function decision(item) {
  const p = item.properties;
  const host = h("div", { class: "decide" });
  const why = h("select", { required: true }, h("option", { value: "" }, "–"), ...Object.keys(words).filter((w) => w.startsWith("why_")).map((w) => h("option", { value: w.slice(4) }, words[w])));
  const reason = h("input", { type: "text" });
  const refuse = (name, text) => h("form", { class: "row", onsubmit: (e) => { e.preventDefault(); act(item, name, { why: why.value, reason: reason.value }); } },
    h("label", {}, words.why, why), h("label", {}, words.more, reason), h("button", { type: "submit", class: "grave" }, text));
  if (p.state === "waiting") host.append(confirming(item));
  if (p.state === "waiting" || p.state === "unreadable") host.append(refuse("response.reject-photo", words.reject));
  if (p.state === "confirmed") host.append(refuse("response.withdraw-photo", words.withdraw));
  if (["confirmed", "rejected", "withdrawn", "unreadable"].includes(p.state) && !p.originals && (me.roles ?? []).some((r) => r.id === "commander"))
    host.append(h("button", { type: "button", class: "grave", onclick: () => { if (confirm(words.sure)) act(item, "response.erase-photo-original", { reason: words.erase }); } }, words.erase));
  return host;
}

function confirming(item) {
  const p = item.properties;
  const title = h("input", { type: "text", required: true, maxlength: "100", value: (p.text ?? "").split("\n")[0].slice(0, 60) });
  const text = h("textarea", { rows: "2", maxlength: "1000" });
  text.value = p.text ?? "";
  const looked = h("input", { type: "checkbox", required: true });
  const map = h("div", { hidden: true });
  const told = h("span", { class: "note" });
  let place = null;
  const open = h("button", { type: "button", onclick: async () => {
    map.hidden = !map.hidden;
    if (!map.childElementCount) new Sketch(map, item.geometry ? near(item.geometry.coordinates) : await middle(), (found) => {
      place = { type: "Point", coordinates: found.map((n) => Number(n.toFixed(6))) };
      told.textContent = `${words.new_place}: ${found[1].toFixed(5)}, ${found[0].toFixed(5)}`;
    });
  } }, words.set_place);
  return h("form", { onsubmit: (e) => {
    e.preventDefault();
    act(item, "response.confirm-photo", { title: title.value, text: text.value, looked: looked.checked, ...(place ? { place } : {}) });
  } },
    h("label", {}, words.photo_title, title), h("label", {}, words.photo_text, text),
    h("div", { class: "row" }, open, told), map,
    h("label", { class: "check" }, looked, words.checked),
    h("button", { type: "submit", class: "main", disabled: !p.covered }, words.publish));
}

async function act(item, name, values) {
  const answer = await fetch(`${base}/acts/${name}?${query({ lang: language })}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": me.token ?? "" },
    body: JSON.stringify({ key: item.id, expected: item.properties.record, id: crypto.randomUUID?.() ?? String(Math.random()).slice(2).padEnd(12, "0"), values }),
  }).catch(() => null);
  if (!answer?.ok) {
    const told = await answer?.json().catch(() => null);
    problem(of("photo"), [told?.detail ?? words.failed, ...(told?.problems ?? []).map((p) => p.text)].join(" "));
    return;
  }
  await look();
}

function problem(host, text) {
  host.querySelector(".problem")?.remove();
  host.prepend(h("p", { class: "alarm problem", role: "alert" }, text));
}

await start();
setInterval(() => { if (!document.hidden) look(); }, 3000);
