/** <partnerstadt-chat>: a button that opens the chat, or the chat in the flow of the page. */
import { Chat } from "./chat.js";
import { h, icon } from "./dom.js";
import { Storage } from "./storage.js";
import dark from "./styles/dark.css";
import style from "./styles/style.css";
import * as words from "./texts.de.json";
import { fill } from "./texts.js";
import { Desk } from "./transport.js";

const BUBBLE = "M4 5h16v11H10l-5 4v-4H4z";
const NARROW = "(max-width: 639px)";

/** Where the script came from is where the front desk is, if the element does not say otherwise. */
export const origin = { base: new URL("./", document.baseURI).href };

export class PartnerstadtChat extends HTMLElement {
  #chat: Chat | null = null;
  #end = new AbortController();
  #storage!: Storage;
  #dialog: HTMLDialogElement | null = null;
  readonly #launcher = h("button", { class: "launcher", "aria-haspopup": "dialog", click: () => this.show() });
  readonly #narrow = matchMedia(NARROW);

  connectedCallback(): void {
    if (this.#chat) return;
    this.#end = new AbortController();
    const { signal } = this.#end;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const base = new URL(`${this.getAttribute("server") ?? origin.base}/`.replace(/\/+$/, "/"), document.baseURI).href;
    this.lang ||= "de";
    this.#dress(root);
    this.#storage = new Storage(`partnerstadt-chat ${base}`);
    const inline = this.getAttribute("mode") === "inline";
    const chat = new Chat(new Desk(base), this.#storage, {
      root,
      base,
      buttons: inline ? [] : [this.#closer()],
      widen: inline ? null : () => !!this.#dialog?.classList.toggle("wide"),
      news: (count) => this.#announce(count),
      seen: () => inline || !!this.#dialog?.open,
    });
    this.#chat = chat;
    if (inline) {
      root.replaceChildren(h("section", { class: "inline", "aria-labelledby": "title" }, chat.element));
      chat.show();
    } else {
      this.#dialog = h(
        "dialog",
        {
          class: "panel",
          "aria-labelledby": "title",
          keydown: (event: KeyboardEvent) => {
            if (event.key === "Escape") this.#hide(event);
          },
          cancel: (event: Event) => this.#hide(event),
        },
        chat.element,
      );
      this.#announce(0);
      root.replaceChildren(this.#launcher, this.#dialog);
      this.#narrow.addEventListener("change", this.#adapt, { signal });
    }
    window.addEventListener("online", chat.wake, { signal });
    document.addEventListener("visibilitychange", chat.look, { signal });
    visualViewport?.addEventListener("resize", this.#fit, { signal });
    signal.addEventListener("abort", chat.stop);
    // On a phone the chat would cover the page that was just called up.
    if (this.#storage.read()?.open && !this.#narrow.matches) this.#open(false);
    void chat.restore();
  }

  disconnectedCallback(): void {
    this.#end.abort();
    this.#chat = null;
  }

  /** Open the chat. */
  show(): void {
    this.#open(true);
    this.#storage.write({ open: true });
  }

  #open(focus: boolean): void {
    if (!this.#dialog || this.#dialog.open) return;
    this.#launcher.hidden = true;
    // Over the whole screen nothing behind it may be reached; beside the page everything stays reachable.
    if (this.#narrow.matches) this.#dialog.showModal();
    else if (focus) this.#dialog.show();
    else this.#dialog.setAttribute("open", ""); // show() would take the focus away from the page
    this.#fit();
    this.#chat?.show();
    if (focus) this.#chat?.focus();
  }

  #hide(event?: Event): void {
    event?.preventDefault();
    this.#dialog?.close();
    this.#launcher.hidden = false;
    this.#launcher.focus();
    this.#storage.write({ open: false });
  }

  #announce(count: number): void {
    this.#launcher.replaceChildren(icon(BUBBLE), h("span", {}, this.getAttribute("label") || words.launcher));
    if (count) this.#launcher.append(h("span", { class: "news" }, fill(words.launcherUnread, { count })));
  }

  #closer(): HTMLElement {
    return h("button", { class: "bar", click: () => this.#hide() }, words.close);
  }

  #dress(root: ShadowRoot): void {
    const theme = this.getAttribute("theme");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    const night = new CSSStyleSheet({ media: theme === "dark" ? "all" : "(prefers-color-scheme: dark)" });
    night.replaceSync(dark);
    root.adoptedStyleSheets = theme === "light" ? [sheet] : [sheet, night];
  }

  // A window that was made narrow (or wide) while the chat is open.
  readonly #adapt = (): void => {
    if (!this.#dialog?.open) return;
    const focused = this.shadowRoot?.activeElement as HTMLElement | null;
    this.#dialog.close();
    this.#open(true);
    focused?.focus();
  };

  // The keyboard of a phone covers what is fixed to the lower edge, unless that ends above it.
  readonly #fit = (): void => {
    const height = this.#narrow.matches && visualViewport ? `${visualViewport.height}px` : "";
    this.#dialog?.style.setProperty("--height", height);
  };
}
