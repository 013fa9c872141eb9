// @ts-check
"use strict";
// On paper: the whole country, everything unfolded, page numbers, and of which run it is in the foot.
(() => {
  const { node, text } = siteopt;
  const browser = /** @type {{ retina: boolean }} */ (L.Browser); // Leaflet reads it at each drawing
  const { retina } = browser;
  let before = null;
  let foot = null; // the style sheet that holds the foot of the pages

  // A string of a style sheet: everything but plain signs is escaped, for a title is anybody's text.
  const quoted = (words) => `"${[...words].map((sign) => (/[\p{L}\p{N} ·:.,()/-]/u.test(sign) ? sign : `\\${sign.codePointAt(0).toString(16)} `)).join("")}"`;
  const LONGEST = 60;
  const short = (words) => (words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words);
  const today = () => {
    const now = new Date();
    return [now.getFullYear(), String(now.getMonth() + 1).padStart(2, "0"), String(now.getDate()).padStart(2, "0")].join("-");
  };
  // Of which run a page is: the program's version and the hash of all inputs.
  siteopt.runText = () => text("foot.run", siteopt.data.made);
  const pageRule = () => {
    const box = "font: 8.5px sans-serif; color: #333;";
    return `@page { @bottom-left { content: ${quoted(`${short(siteopt.one(siteopt.data.scenario.title))} · ${text("foot.printed", { date: today() })}`)}; ${box} }
      @bottom-center { content: ${quoted(siteopt.runText())}; ${box} }
      @bottom-right { content: ${quoted(text("foot.page"))} " " counter(page) " / " counter(pages); ${box} } }`;
  };

  const unfolded = () => /** @type {HTMLDetailsElement[]} */ ([...document.querySelectorAll("#pages details:not([open])")]);
  const beforePrint = (map, fit) => {
    siteopt.writeAllPages();
    const legend = document.getElementById("legend");
    before = before || { centre: map.getCenter(), zoom: map.getZoom(), open: legend.open, closed: unfolded() };
    legend.open = true;
    for (const one of before.closed) one.open = true; // on paper sources, licences and tables are in full
    document.body.classList.add("printing");
    foot = foot || new CSSStyleSheet();
    foot.replaceSync(pageRule());
    document.adoptedStyleSheets = [foot];
    map.invalidateSize({ animate: false });
    browser.retina = true; // paper has more dots than a screen
    fit();
    siteopt.drawNow();
    if (!before.card) before.card = cardBeside();
    before.copies = before.copies || [...map.getContainer().querySelectorAll("canvas")].map(copied);
  };
  // An open card lies over the country: on paper it is a part of its own.
  const cardBeside = () => {
    const card = document.querySelector(".leaflet-popup .card");
    if (!card) return null;
    const copy = /** @type {HTMLElement} */ (card.cloneNode(true));
    for (const one of [copy, ...copy.querySelectorAll("[id]")]) one.removeAttribute("id");
    for (const one of copy.querySelectorAll("details")) one.open = true;
    const part = node("section", { class: "print-card" }, copy);
    document.getElementById("panel").after(part);
    return part;
  };
  // A canvas drawn while printing becomes drawing commands that many readers of PDF garble: a
  // copy of its pixels replaces it.
  const copied = (canvas) => {
    const copy = node("canvas", { class: "print-copy", width: canvas.width, height: canvas.height });
    copy.style.cssText = canvas.style.cssText;
    copy.getContext("2d").drawImage(canvas, 0, 0);
    canvas.after(copy);
    return copy;
  };
  const afterPrint = (map) => {
    if (!before) return;
    for (const copy of before.copies) copy.remove();
    if (before.card) before.card.remove();
    for (const one of before.closed) one.open = false;
    document.adoptedStyleSheets = [];
    browser.retina = retina;
    document.body.classList.remove("printing");
    document.getElementById("legend").open = before.open;
    map.invalidateSize({ animate: false });
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
  };

  siteopt.prints = (map, fit) => {
    document.getElementById("print").addEventListener("click", () => window.print());
    window.addEventListener("beforeprint", () => beforePrint(map, fit));
    window.addEventListener("afterprint", () => afterPrint(map));
  };
})();
