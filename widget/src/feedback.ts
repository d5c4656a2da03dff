/** Thumbs with an optional word, and a copy of the answer. */
import type { Message } from "./contract.js";
import { h, icon } from "./dom.js";
import type { Live } from "./live.js";
import { plain } from "./markdown.js";
import * as words from "./texts.de.json";

const THUMB = "M7 11l4-8c2 0 3 1 3 3v4h5a2 2 0 0 1 2 2l-1.5 7a2 2 0 0 1-2 2H7zM7 11H3v10h4";
const COPY = "M9 9h11v11H9zM5 15H4V4h11v1";
const COMMENT_LENGTH = 500;

type Vote = "up" | "down";
export type SendFeedback = (message: number, value: Vote | null, comment?: string) => Promise<void>;

/** The row of buttons under an answer. */
export function tools(message: Message, send: SendFeedback, live: Live): HTMLElement {
  let chosen: Vote | null = null;
  const after = h("div", { class: "after" });

  const attempt = async (value: Vote | null, comment?: string): Promise<boolean> => {
    try {
      await send(message.id, value, comment);
      return true;
    } catch {
      after.replaceChildren(h("p", {}, words.broken));
      live.say(words.broken);
      return false;
    }
  };
  const vote = (value: Vote): HTMLButtonElement => {
    const up = value === "up";
    return h(
      "button",
      {
        class: `tool ${value}`,
        "aria-pressed": "false",
        "aria-label": `${words.helpful} ${up ? words.up : words.down}`,
        click: async () => {
          chosen = chosen === value ? null : value;
          for (const [name, button] of Object.entries(votes)) button.setAttribute("aria-pressed", String(name === chosen));
          if (!(await attempt(chosen)) || !chosen) return void (chosen || after.replaceChildren());
          after.replaceChildren(word());
          after.dispatchEvent(new Event("grown", { bubbles: true }));
          live.say(words.thanks);
        },
      },
      icon(THUMB),
      up ? words.up : words.down,
    );
  };
  const votes = { up: vote("up"), down: vote("down") };

  const word = (): HTMLElement => {
    const field = h("textarea", { rows: "2", maxlength: String(COMMENT_LENGTH) });
    return h(
      "form",
      {
        submit: async (event: Event) => {
          event.preventDefault();
          const text = field.value.trim();
          if (text && !(await attempt(chosen, text))) return;
          after.replaceChildren(h("p", {}, words.thanks));
          live.say(words.thanks);
          votes[chosen ?? "up"].focus();
        },
      },
      h("p", {}, words.thanks),
      h("label", {}, words.comment, field),
      h("button", { class: "primary" }, words.commentSend),
    );
  };

  const copy = h(
    "button",
    {
      class: "tool",
      "aria-label": words.copySpoken,
      click: async () => {
        const done = await copied([plain(message.text), message.source].filter(Boolean).join("\n\n"));
        label.textContent = done ? words.copied : words.copy;
        live.say(done ? words.copied : words.copyFailed);
        setTimeout(() => (label.textContent = words.copy), 3000);
      },
    },
    icon(COPY),
  );
  const label = h("span", {}, words.copy);
  copy.append(label);

  return h(
    "div",
    { class: "tools" },
    h("span", { class: "ask", "aria-hidden": "true" }, words.helpful),
    votes.up,
    votes.down,
    copy,
    after,
  );
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

