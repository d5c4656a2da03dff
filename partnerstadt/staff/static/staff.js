// Copying and handing over to the mail program; everything else works without script, too.
"use strict";
document.documentElement.classList.add("scripts");
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    const source = document.getElementById(button.dataset.copy);
    const text = (source.value ?? source.textContent).trim();
    await navigator.clipboard.writeText(text);
    const told = document.getElementById("told");
    told.textContent = told.dataset.copied;
  }
  const link = event.target.closest("[data-mailto]");
  if (link) {
    // What the clerk has changed since counts, not what the server proposed.
    const text = document.getElementById(link.dataset.mailto).value;
    link.href = link.href.replace(/body=.*$/, "body=" + encodeURIComponent(text.replace(/\n/g, "\r\n")));
  }
});
