import { expect, test } from "vitest";
import { EventParser } from "../src/stream.ts";

test("an event that arrives in pieces is put together", () => {
  const parser = new EventParser();
  expect(parser.push("id: 7\nevent: cha")).toEqual([]);
  expect(parser.push('nge\ndata: {"seq":7}\n')).toEqual([]);
  expect(parser.push("\n")).toEqual([{ id: "7", event: "change", data: '{"seq":7}' }]);
});

test("comments are no events, and several data lines are one text", () => {
  const parser = new EventParser();
  expect(parser.push(": heartbeat\n\ndata: a\ndata: b\n\n")).toEqual([{ id: "", event: "message", data: "a\nb" }]);
});

test("lines may end in CR LF, even when the two are torn apart", () => {
  const parser = new EventParser();
  const found = [...parser.push("data: x\r"), ...parser.push("\n\r\n"), ...parser.push("data: y\r\n\r\n")];
  expect(found.map(({ data }) => data)).toEqual(["x", "y"]);
});

test("the last id stands until another is given", () => {
  const parser = new EventParser();
  expect(parser.push("id: 3\ndata: a\n\ndata: b\n\n").map(({ id }) => id)).toEqual(["3", "3"]);
});
