/** A question that must be answered before anything else happens. */
import { h } from "./dom.js";

/** Whether the person agreed; Esc and the second button mean no. */
export function confirm(root: ParentNode & Node, title: string, text: string, yes: string, no: string): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      {
        class: "confirm",
        "aria-labelledby": "confirm-title",
        "aria-describedby": "confirm-text",
        close: () => {
          resolve(dialog.returnValue === "yes");
          dialog.remove();
        },
        // Esc closes this dialog, not the chat around it.
        keydown: (event: KeyboardEvent) => event.stopPropagation(),
      },
      h("h2", { id: "confirm-title" }, title),
      h("p", { id: "confirm-text" }, text),
      h(
        "form",
        { method: "dialog" },
        h("button", { class: "plain", value: "no", autofocus: true }, no),
        h("button", { class: "primary", value: "yes" }, yes),
      ),
    );
    root.append(dialog);
    dialog.showModal();
  });
}
