/** The pictures of the chat; this is the entry of the script that is loaded on demand. */
import type { Picture, Pictures } from "../contract.js";
import { h, s } from "../dom.js";
import * as words from "../texts.de.json";
import { fill } from "../texts.js";
import style from "../styles/pictures.css";
import { map } from "./map.js";
import { mark } from "./mark.js";
import { table } from "./table.js";
import { timeline } from "./timeline.js";

/** What a picture is drawn on: its width and the height of its letters in pixels. */
export interface Paper {
  width: number;
  size: number;
  /** How wide a name is. */
  measure(text: string): number;
}

const LETTER = 0.78; // of the text around it
const SMALLEST = 200;
const WIDEST = 720;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(style);

/** A picture that fits itself to the room it gets, with its legend and its table. */
export function draw(picture: Picture, data: Pictures): HTMLElement {
  const title = picture === "map" ? words.mapTitle : words.timelineTitle;
  const paper = h("div", { class: "paper" });
  let drawn = "";
  new ResizeObserver(() => {
    const width = Math.max(SMALLEST, Math.min(WIDEST, Math.floor(paper.clientWidth)));
    const { fontSize, fontFamily } = getComputedStyle(paper);
    const size = parseFloat(fontSize) * LETTER;
    const pen = h("canvas").getContext("2d")!;
    pen.font = `600 ${size}px ${fontFamily}`;
    const measure = (text: string): number => pen.measureText(text).width;
    if (drawn === `${width} ${size}`) return;
    drawn = `${width} ${size}`;
    paper.replaceChildren(...(picture === "map" ? map : timeline)(data, { width, size, measure }));
    paper.dispatchEvent(new Event("grown", { bubbles: true }));
  }).observe(paper);
  const missing = data.cities.filter((city) => (picture === "map" ? city.lat : city.since) === null).map(({ name }) => name);
  return h(
    "figure",
    {},
    h("figcaption", {}, title),
    paper,
    legend(picture, data),
    missing.length > 0 && h("p", { class: "small" }, fill(picture === "map" ? words.pictures.unplaced : words.pictures.undated, { names: missing.join(", ") })),
    source(data),
    table(data, title),
    picture === "map" && h("p", { class: "small" }, words.pictures.credit),
  );
}

/** Where all this comes from, as under every answer. */
function source({ sources = {}, taken_over_on }: Pictures): HTMLElement | false {
  const titles = Object.values(sources)
    .map(({ title }) => title)
    .join("; ");
  const date = taken_over_on && new Date(taken_over_on).toLocaleDateString("de", { month: "long", year: "numeric" });
  const text = date ? fill(words.pictures.sourceDated, { titles, date }) : fill(words.pictures.source, { titles });
  return titles !== "" && h("p", { class: "small" }, text);
}

/** The signs that occur, each with its meaning. */
function legend(picture: Picture, { home, cities }: Pictures): HTMLElement {
  const shown = cities.filter((city) => (picture === "map" ? city.lat : city.since) !== null);
  const kinds = [...new Set(shown.map(({ kind }) => kind))];
  const entry = (text: string, kind: string | null): HTMLElement =>
    h(
      "li",
      {},
      s("svg", { viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" }, mark(kind === null ? null : { kind, status: null }, 8, 8, 4.5)),
      text,
    );
  return h(
    "ul",
    { class: "legend", role: "list" },
    picture === "map" && home.lat !== null && entry(home.name, null),
    ...kinds.map((kind) => entry(kind, kind)),
  );
}
