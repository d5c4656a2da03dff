/** Pictures come with a script of their own, loaded when the first one is wanted. */
import type { Picture } from "./contract.js";
import { h } from "./dom.js";
import type * as Drawing from "./pictures/draw.js";
import * as words from "./texts.de.json";
import type { Desk } from "./transport.js";

export type Hang = (picture: Picture) => HTMLElement;

/** Gives a function that makes a place for a picture, which fills itself. */
export function gallery(root: ShadowRoot, base: string, desk: Desk): Hang {
  const fill = async (place: HTMLElement, picture: Picture): Promise<void> => {
    try {
      const script = import(`${base}widget/partnerstadt-map.js`) as Promise<typeof Drawing>;
      const [{ draw, sheet }, data] = await Promise.all([script, desk.pictures()]);
      const sheets = root.adoptedStyleSheets;
      if (!sheets.includes(sheet)) root.adoptedStyleSheets = [...sheets, sheet];
      place.replaceChildren(draw(picture, data));
    } catch {
      const retry = h("button", { class: "plain", click: () => void fill(place, picture) }, words.retry);
      place.replaceChildren(h("p", {}, words.pictureFailed), retry);
    }
  };
  return (picture) => {
    const place = h("div", { class: "picture" }, h("p", {}, words.pictureLoading));
    void fill(place, picture);
    return place;
  };
}
