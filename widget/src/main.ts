/** One script tag: defines the element, and puts one on the page where the page has none. */
import { PartnerstadtChat, origin } from "./element.js";

const NAME = "partnerstadt-chat";
const script = document.currentScript as HTMLScriptElement | null;

if (script?.src) origin.base = new URL("../", script.src).href;

if (!customElements.get(NAME)) {
  const place = (): void => {
    customElements.define(NAME, PartnerstadtChat);
    if (document.querySelector(NAME) || script?.dataset.element === "none") return;
    const element = document.createElement(NAME);
    for (const [name, value] of Object.entries(script?.dataset ?? {})) element.setAttribute(name, value ?? "");
    document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
}
