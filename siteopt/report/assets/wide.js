// @ts-check
"use strict";
// Room for tables: the panel beside the map, wide or narrow.
(() => {
  const { node, text } = siteopt;
  const isWide = () => document.body.classList.contains("wide");
  const label = () => text(isWide() ? "page.narrow" : "page.wide");

  siteopt.widen = (wide) => {
    document.body.classList.toggle("wide", wide);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button.widen"))) {
      button.setAttribute("aria-pressed", String(wide));
      button.textContent = label();
    }
    siteopt.map.invalidateSize({ animate: false });
  };
  siteopt.widenButton = () => node("button", { type: "button", class: "plain widen", "aria-pressed": String(isWide()), onclick: () => siteopt.widen(!isWide()) }, label());
})();
