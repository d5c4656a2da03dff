/** What is there before the first message: who answers, what about, and what not to write. */
import type { Info, Link, Picture } from "./contract.js";
import { h } from "./dom.js";
import { link, markdown } from "./markdown.js";
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
  const offer = (title: string, click: () => void): HTMLElement =>
    h("li", {}, h("button", { class: "reply", click }, title));
  const group = (id: string, title: string, offers: HTMLElement[]): HTMLElement =>
    h("div", { class: "begin" }, h("p", { id }, title), h("ul", { class: "replies", role: "list", "aria-labelledby": id }, ...offers));
  return [
    ...(info.suggestions.length
      ? [group("suggest", words.suggestions, info.suggestions.map((text) => offer(text, () => doors.say(text))))]
      : []),
    group("look", words.look, [
      offer(words.map, () => doors.look("map")),
      offer(words.timeline, () => doors.look("timeline")),
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
