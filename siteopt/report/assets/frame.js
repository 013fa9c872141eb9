// @ts-check
"use strict";
// The frame of a map that is a page of its own: texts, menu, legend rows, paper, the whole country.
(() => {
  const { node, text } = siteopt;
  const NEAR_FIRST = 0.3; // zoom levels within which the country is still shown whole

  // Texts of the frame in the language of the page.
  siteopt.writeFrame = () => {
    for (const one of document.querySelectorAll("[data-text]")) one.textContent = text(one.dataset.text);
    for (const one of document.querySelectorAll("[data-hint]")) one.title = text(one.dataset.hint);
    document.getElementById("menu").setAttribute("aria-label", text("page.menu"));
    siteopt.map.attributionControl.getContainer().replaceChildren(text("source.odbl"), " · Leaflet");
  };

  siteopt.swatch = (style, kind = "box") => node("span", { class: `swatch ${kind}`, style });
  // A row of the legend that switches a layer; null where the page has no such layer.
  siteopt.legendRow = (layer, mark, key) => {
    if (!layer) return null;
    const { map } = siteopt;
    const box = node("input", { type: "checkbox", onchange: (event) => (event.target.checked ? layer.addTo(map) : layer.remove()) });
    box.checked = map.hasLayer(layer);
    return node("label", {}, box, mark, text(key));
  };

  siteopt.toggleMenu = () => {
    const folded = document.body.classList.toggle("folded");
    document.getElementById("menu").setAttribute("aria-expanded", String(!folded));
    siteopt.map.invalidateSize({ animate: false });
  };

  // All sites and provinces, beside an open legend.
  siteopt.fitCountry = () => {
    const { map } = siteopt;
    const { sites, base } = siteopt.data;
    const points = [sites, base.provinces].filter(Boolean).flatMap(({ lat, lon }) => lat.map((one, row) => L.latLng(one, lon[row])));
    map.invalidateSize({ animate: false });
    const legend = document.getElementById("legend");
    const beside = legend.open && !document.body.classList.contains("printing") ? legend.offsetWidth + 12 : 6;
    if (siteopt.bounds && points.length) points.push(L.latLng(siteopt.bounds.getNorth(), points[0].lng)); // names lie well inside the frame
    if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.02), { animate: false, paddingTopLeft: [6, 6], paddingBottomRight: [beside, 22] });
  };

  // On paper the map has a size of its own and shows the same part of the country.
  siteopt.paper = (printing) => {
    const { map } = siteopt;
    if (printing) siteopt.writeAllPages();
    document.body.classList.toggle("printing", printing);
    const view = /** @type {[L.LatLng, number]} */ ([map.getCenter(), map.getZoom()]);
    map.invalidateSize({ animate: false });
    if (view[1] <= siteopt.firstZoom + NEAR_FIRST) siteopt.fitCountry();
    else map.setView(...view, { animate: false });
  };
})();
