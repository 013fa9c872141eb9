// @ts-check
"use strict";
// Three hints at the first visit: they take no focus, go with a click or Esc, and are remembered
// where the browser keeps anything for a file.
(() => {
  const HINTS = ["hints.card", "hints.tabs", "hints.keys"];
  const SEEN = "siteopt-hints";
  const { node, text } = siteopt;
  let at = -1; // the hint that is shown, -1 for none

  const seen = () => {
    try {
      return localStorage.getItem(SEEN) === "1";
    } catch {
      return false; // storage is off: the hints come again, which does no harm
    }
  };
  const remember = () => {
    try {
      localStorage.setItem(SEEN, "1");
    } catch {
      // nothing is kept, and nothing is needed
    }
  };

  siteopt.writeHints = () => {
    const box = document.getElementById("first-hints");
    const had = box.contains(document.activeElement);
    box.hidden = at < 0;
    if (at < 0) {
      box.replaceChildren();
      if (had) siteopt.map.getContainer().focus();
      return;
    }
    const last = at === HINTS.length - 1;
    const go = (to) => {
      at = to;
      if (at < 0) remember();
      siteopt.writeHints();
    };
    box.replaceChildren(
      node("p", {}, node("b", {}, `${at + 1}/${HINTS.length} `), text(HINTS[at])),
      node("p", { class: "buttons" }, last ? null : node("button", { type: "button", class: "plain", onclick: () => go(at + 1) }, text("hints.next")),
        node("button", { type: "button", class: "plain", onclick: () => go(-1) }, text("hints.close"))));
    if (had) /** @type {HTMLElement} */ (box.querySelector("button")).focus();
    box.onkeydown = (event) => { if (event.key === "Escape") { event.preventDefault(); go(-1); } };
  };
  // Whoever follows a link came for what it shows.
  siteopt.firstHints = (linked) => {
    if (linked || seen()) return;
    at = 0;
    siteopt.writeHints();
  };
})();
