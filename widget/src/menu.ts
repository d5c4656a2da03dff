/** A button that shows a list of further buttons. */
import { h } from "./dom.js";
import * as words from "./texts.de.json";

export interface Choice {
  label: string;
  act(): void;
  /** Whether it can be chosen now. */
  ready?(): boolean;
  /** A switch shows how it stands. */
  on?(): boolean;
  /** Makes no sense on a narrow screen. */
  wide?: boolean;
}

/** Button and list, which belong together in the order of the tab key. */
export function menu(label: string, choices: Choice[]): HTMLElement {
  const list = h("ul", { id: "menu", class: "menu", role: "list", hidden: true });
  const button = h(
    "button",
    { class: "bar", "aria-expanded": "false", "aria-controls": "menu", click: () => toggle(!!list.hidden) },
    label,
  );
  const toggle = (open: boolean): void => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.replaceChildren(...choices.map((choice) => h("li", { class: choice.wide && "widen" }, entry(choice))));
  };
  const entry = ({ label, act, ready, on }: Choice): HTMLElement =>
    h(
      "button",
      {
        disabled: ready && !ready(),
        ...(on && { role: "switch", "aria-checked": String(on()) }),
        click: () => {
          toggle(false);
          button.focus();
          act();
        },
      },
      label,
      on && h("span", { "aria-hidden": "true" }, on() ? words.on : words.off),
    );
  return h(
    "div",
    {
      focusout: ({ relatedTarget, currentTarget }: FocusEvent) => {
        if (relatedTarget && !(currentTarget as Node).contains(relatedTarget as Node)) toggle(false);
      },
      keydown: (event: KeyboardEvent) => {
        if (event.key !== "Escape" || list.hidden) return;
        // This closes the list, not the chat around it.
        event.stopPropagation();
        event.preventDefault();
        toggle(false);
        button.focus();
      },
    },
    button,
    list,
  );
}
