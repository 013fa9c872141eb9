// @ts-check
"use strict";
// Explanations of terms: the first mention in each part is a button, whose note shows on hover and
// focus, stays while the pointer is over it, and goes with Esc (WCAG 2.2, 1.4.13).
(() => {
  const WHERE = "p, th, td, dt, dd, li, caption, h3, small";
  const NOT_IN = "button, a, summary, select, option, label, svg, h2, code, [lang]:not(html), .term, .own-words";
  const GAP = 6; // pixels between a term and its note
  const { node, text } = siteopt;
  const note = () => document.getElementById("term-note");

  let known = { language: "", pattern: null, keys: new Map() };
  // Words that are explained, the longest first, in the language that is shown.
  const words = () => {
    if (known.language === siteopt.language) return known;
    const keys = new Map();
    for (const key of Object.keys(siteopt.data.texts).filter((one) => one.startsWith("term_words."))) {
      for (const word of text(key).split("|")) keys.set(word, key.replace("term_words.", "term."));
    }
    const escaped = [...keys.keys()].sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    // Latin words end where a letter or digit follows; Korean ones take particles.
    known = { language: siteopt.language, keys, pattern: escaped.length ? new RegExp(`(?<![A-Za-z0-9가-힣])(${escaped.join("|")})(?![A-Za-z0-9])`, "u") : null };
    return known;
  };

  let open = null;
  const show = (button) => {
    open = button;
    const box = note();
    box.replaceChildren(text(button.dataset.term));
    box.hidden = false;
    button.setAttribute("aria-describedby", box.id);
    const at = button.getBoundingClientRect();
    const width = box.offsetWidth;
    const left = Math.max(GAP, Math.min(at.left, document.documentElement.clientWidth - width - GAP));
    const below = at.bottom + GAP + box.offsetHeight <= document.documentElement.clientHeight;
    box.style.left = `${left}px`;
    box.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - box.offsetHeight)}px`;
  };
  const hide = () => {
    if (open) open.removeAttribute("aria-describedby");
    open = null;
    note().hidden = true;
  };
  // A little later, so that the pointer can reach the note.
  let leaving = 0;
  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 250);
  };
  siteopt.readTerms = () => {
    note().addEventListener("pointerenter", () => clearTimeout(leaving));
    note().addEventListener("pointerleave", leave);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !open) return;
      event.preventDefault(); // the card stays
      hide();
    }, true);
    for (const name of ["scroll", "resize"]) window.addEventListener(name, () => { if (open) hide(); }, true);
  };

  siteopt.term = (key, word) => node("button", { type: "button", class: "term", "data-term": key,
    onpointerenter: (event) => { clearTimeout(leaving); show(event.target); }, onpointerleave: leave,
    onfocus: (event) => show(event.target), onblur: hide, onclick: (event) => show(event.target) }, word);

  // Makes the first mention of each term in a part of the page a button, and returns the part.
  siteopt.explainTerms = (root) => {
    const { pattern, keys } = words();
    if (!pattern) return root;
    const seen = new Set([...root.querySelectorAll(".term")].map((one) => one.dataset.term));
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let one = /** @type {Text} */ (walker.nextNode()); one; one = /** @type {Text} */ (walker.nextNode())) {
      const parent = one.parentElement;
      if (parent && parent.closest(WHERE) && !parent.closest(NOT_IN) && pattern.test(one.data)) found.push(one);
    }
    for (const one of found) split(one, pattern, keys, seen);
    return root;
  };
  const split = (words_, pattern, keys, seen) => {
    const [, word] = pattern.exec(words_.data) || [];
    const key = keys.get(word);
    if (!key || seen.has(key)) return;
    seen.add(key);
    const at = words_.data.indexOf(word, pattern.exec(words_.data).index);
    const rest = words_.splitText(at);
    rest.data = rest.data.slice(word.length);
    rest.before(siteopt.term(key, word));
    if (!rest.data) rest.remove();
  };

  // All terms with their explanations, for the page of sources.
  siteopt.glossary = () => node("details", { class: "glossary" }, node("summary", {}, text("term.head")),
    node("dl", { class: "sources" }, Object.keys(siteopt.data.texts).filter((key) => key.startsWith("term_words.")).map((key) => [
      node("dt", {}, text(key).split("|")[0]), node("dd", {}, text(key.replace("term_words.", "term.")))])));
  // What the words beside a figure say of its confidence.
  siteopt.confidences = () => node("section", { class: "confidences" }, node("h3", {}, text("sure.head")), node("p", { class: "hint" }, text("sure.intro")),
    node("table", { class: "limits" }, node("tbody", {}, [["published", "sure.published"], ["compiled-high", "sure.high"], ["compiled-medium", "sure.medium"], ["compiled-low", "sure.low"], ["derived", "sure.derived"], ["model", "sure.model"], ["assumption", "sure.assumption"]].map(([name, key]) =>
      node("tr", {}, node("th", { scope: "row" }, node("span", { class: `mark ${name.split("-")[0]}` }, siteopt.word("confidence.", name))), node("td", { class: "words" }, text(key)))))));
})();
