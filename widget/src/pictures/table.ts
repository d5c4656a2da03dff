/** What a picture shows, in words.pictures. */
import type { City, Pictures } from "../contract.js";
import { h } from "../dom.js";
import * as words from "../texts.de.json";

/** All cities in the order of their years; those without one at the end. */
export function table({ cities }: Pictures, title: string): HTMLElement {
  const sorted = [...cities].sort((a, b) => (a.since ?? Infinity) - (b.since ?? Infinity));
  const head = [words.pictures.city, words.pictures.country, words.pictures.since, words.pictures.kind];
  return h(
    "details",
    {},
    h("summary", {}, words.pictures.table),
    h(
      "div",
      { class: "scroll", role: "region", tabindex: "0", "aria-label": title },
      h(
        "table",
        {},
        h("caption", {}, title),
        h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...sorted.map((city) => row(city))),
      ),
    ),
  );
}

function row(city: City): HTMLElement {
  const status = city.status === "ended" ? words.pictures.ended : city.status === "resting" ? words.pictures.resting : null;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, city.name),
    h("td", {}, city.country),
    h("td", {}, city.since === null ? words.pictures.unknown : String(city.since)),
    h("td", {}, status ? `${city.kind} (${status})` : city.kind),
  );
}
