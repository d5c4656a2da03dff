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

export class Menu {
  readonly #list = h("ul", { id: "menu", class: "menu", role: "list", hidden: true });
  readonly button: HTMLButtonElement;
  /** Button and list, which belong together in the order of the tab key. */
  readonly element: HTMLElement;

  readonly #choices: Choice[];

  constructor(
    label: string,
    choices: Choice[],
  ) {
    this.#choices = choices;

    this.button = h(
      "button",
      { class: "bar", "aria-expanded": "false", "aria-controls": "menu", click: () => this.toggle(!this.open) },
      label,
    );
    this.element = h(
      "div",
      {
        class: "holder",
        focusout: (event: FocusEvent) => {
          if (event.relatedTarget && !this.element.contains(event.relatedTarget as Node)) this.toggle(false);
        },
        keydown: (event: KeyboardEvent) => {
          if (event.key !== "Escape" || !this.open) return;
          event.stopPropagation();
          event.preventDefault();
          this.toggle(false);
          this.button.focus();
        },
      },
      this.button,
      this.#list,
    );
  }

  get open(): boolean {
    return !this.#list.hidden;
  }

  toggle(open: boolean): void {
    this.#list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.#list.replaceChildren(...this.#choices.map((choice) => h("li", { class: choice.wide && "widen" }, this.#entry(choice))));
  }

  #entry({ label, act, ready, on }: Choice): HTMLButtonElement {
    return h(
      "button",
      {
        disabled: ready ? !ready() : false,
        ...(on && { role: "switch", "aria-checked": String(on()) }),
        click: () => {
          this.toggle(false);
          this.button.focus();
          act();
        },
      },
      label,
      on && h("span", { "aria-hidden": "true" }, on() ? words.on : words.off),
    );
  }
}
