/** Things to say, as buttons. */
import { h } from "./dom.js";

/** A list of buttons; its name is a text or the id of an element. */
export const replies = (label: string, offers: readonly (readonly [title: string, act: () => void])[]): HTMLElement =>
  h(
    "ul",
    { class: "replies", role: "list", "aria-label": label },
    ...offers.map(([title, click]) => h("li", {}, h("button", { class: "reply", click }, title))),
  );
