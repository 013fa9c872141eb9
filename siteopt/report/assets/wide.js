// @ts-check
"use strict";
// Room for tables: the panel beside the map, wide or narrow.
(() => {
  const { node, text } = siteopt;
  let wasOpen = false; // the legend, before the panel was widened
  const isWide = () => document.body.classList.contains("wide");
  const label = () => text(isWide() ? "page.narrow" : "page.wide");

  siteopt.widen = (wide) => {
    document.body.classList.toggle("wide", wide);
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("button.widen"))) {
      button.setAttribute("aria-pressed", String(wide));
      button.textContent = label();
    }
    // A legend would cover what is left of the map; it opens again with the room.
    const legend = document.getElementById("legend");
    if (wide) wasOpen = wasOpen || legend.open;
    legend.open = !wide && (legend.open || wasOpen);
    if (!wide) wasOpen = false;
    siteopt.map.invalidateSize({ animate: false });
  };
  siteopt.widenButton = () => node("button", { type: "button", class: "plain widen", "aria-pressed": String(isWide()), onclick: () => siteopt.widen(!isWide()) }, label());
})();
