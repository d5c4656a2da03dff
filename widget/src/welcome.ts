/** What is there before the first message: who answers, what about, and what not to write. */
import type { Info, Link, Picture } from "./contract.js";
import { h } from "./dom.js";
import { link, markdown } from "./markdown.js";
import { replies } from "./replies.js";
import * as words from "./texts.de.json";

export interface Doors {
  say(text: string): void;
  look(picture: Picture): void;
}

/** The first words; without the front desk at least the notice. */
export function greeting(info: Info | null): Node[] {
  return [
    ...(info?.announcement ? [h("div", { class: "announcement" }, ...markdown(info.announcement.text))] : []),
    ...(info?.greeting ?? []).flatMap(markdown),
    h("p", { class: "notice" }, info?.notice || words.notice),
  ];
}

/** Questions to begin with, and the pictures. */
export function beginnings(info: Info, doors: Doors): Node[] {
  const group = (title: string, offers: Parameters<typeof replies>[1]): HTMLElement =>
    h("div", { class: "begin" }, h("p", { "aria-hidden": "true" }, title), replies(title, offers));
  return [
    ...(info.suggestions.length ? [group(words.suggestions, info.suggestions.map((text) => [text, () => doors.say(text)]))] : []),
    group(words.look, [
      [words.map, () => doors.look("map")],
      [words.timeline, () => doors.look("timeline")],
    ]),
  ];
}

/** The lines at the foot: what this is, and where the law wants links to lead. */
export function foot(info: Info | null): Node[] {
  const links = Object.values(info?.links ?? {})
    .map((each: Link | null) => each?.url && link(each.title, new URL(each.url, location.href).href))
    .filter((each): each is HTMLAnchorElement => !!each);
  return [h("p", {}, words.reminder), ...(links.length ? [h("ul", { role: "list" }, ...links.map((each) => h("li", {}, each)))] : [])];
}
