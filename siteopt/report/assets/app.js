// @ts-check
"use strict";
// The page: cards, legend, language, print; the address keeps what is open.
(() => {
  const CLOSE = 9.5; // the zoom at which a site of the list is shown
  const { node, text } = siteopt;
  let map;
  let layers;
  let popup;
  let excluded = "none";
  let excludedLayer = null;

  siteopt.start = (made) => {
    map = made;
    siteopt.map = map;
    document.body.append(...["legend", "years", "link-note"].map((id) => document.getElementById(id)));
    siteopt.read();
    const link = siteopt.readLink();
    siteopt.readYears(siteopt.data.years, link.year);
    if (link.lang) siteopt.language = link.lang;
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    layers = siteopt.base(map);
    siteopt.candidates(map, layers);
    layers.connections = siteopt.connections();
    siteopt.writeYears(anotherYear);
    layers.chosen = L.layerGroup();
    siteopt.buses(map, layers);
    siteopt.cleanPrices(map, layers);
    for (const name of drawn()) layers[name].addTo(map);
    popup = L.popup({ maxWidth: 390, minWidth: 330, className: "site-popup" });
    map.on("click", (event) => siteopt.showPoint(event.latlng));
    map.on("popupclose", () => remember(null));
    map.on("popupopen", nameControls);
    map.on("zoomend", () => siteopt.tidyMarks(map));
    map.on("resize", () => {
      if (!popup.isOpen()) return;
      fitPopup();
      popup.update();
    });
    for (const [id, action] of Object.entries({ menu, print: () => window.print(), language: () => setLanguage(siteopt.language === "ko" ? "en" : "ko") })) {
      document.getElementById(id).addEventListener("click", action);
    }
    if (map.getContainer().clientWidth < 760) document.getElementById("legend").open = false;
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
    siteopt.startSearch();
    setLanguage(siteopt.language);
    fit(); // the header has its height now
    siteopt.firstZoom = map.getZoom();
    map.fire("zoomend"); // what is shown by zoom knows the first one now
    siteopt.takeLink(link);
    if (link.row !== undefined) siteopt.open(link.row, false);
    siteopt.showLinkNote();
    window.addEventListener("hashchange", follow);
    Promise.all([siteopt.readLand(), siteopt.readCells(), siteopt.readPlaces()]).then(() => {
      layers.eligible = siteopt.landLayer((mask) => mask === 0, siteopt.colours.eligible).addTo(map);
      writeLegend();
      document.documentElement.dataset.ready = "true";
    });
  };

  // Another link, followed in the open page.
  const follow = () => {
    const link = siteopt.readLink();
    siteopt.readYears(siteopt.data.years, link.year || siteopt.year());
    if (link.row === undefined) map.closePopup(popup);
    else siteopt.open(link.row);
    setLanguage(link.lang || siteopt.language);
    anotherYear();
    siteopt.takeLink(link);
    siteopt.showLinkNote();
  };

  const drawn = () => ["districts", "rivers", ...Object.keys(layers).filter((name) => name.startsWith("line ")),
    "stations", "labels", "connections", ...bandNames().reverse(), "chosen"].filter((name) => layers[name]);
  const bandNames = () => siteopt.bands.map((one, place) => `band ${place}`).filter((name) => layers[name]);
  // All sites and provinces, beside an open legend; islands far off the coast may be cut.
  const fit = () => {
    const { sites, base } = siteopt.data;
    const points = [sites, base.provinces].filter(Boolean).flatMap(({ lat, lon }) => lat.map((one, row) => L.latLng(one, lon[row])));
    map.invalidateSize({ animate: false });
    const legend = document.getElementById("legend");
    const beside = legend.open && !document.body.classList.contains("printing") ? legend.offsetWidth + 12 : 6;
    const below = Math.max(22, document.getElementById("years").offsetHeight + 8);
    if (points.length) map.fitBounds(L.latLngBounds(points).pad(0.02), { animate: false, paddingTopLeft: [6, 6], paddingBottomRight: [beside, below] });
    else if (siteopt.bounds) map.fitBounds(siteopt.bounds, { animate: false });
  };

  // On paper the map has a size of its own and shows the same part of the country.
  let before = null;
  const browser = /** @type {{ retina: boolean }} */ (L.Browser); // Leaflet reads it at each drawing
  const { retina } = browser;
  const beforePrint = () => {
    const legend = document.getElementById("legend");
    before = before || { centre: map.getCenter(), zoom: map.getZoom(), open: legend.open };
    legend.open = true;
    before.closed = before.closed || [...document.querySelectorAll(".own-words:not([open]), .curve-more:not([open])")];
    for (const one of before.closed) one.open = true; // on paper sources, licences and tables are in full
    document.body.classList.add("printing");
    map.invalidateSize({ animate: false });
    browser.retina = true; // paper has more dots than a screen
    if (map.getZoom() <= siteopt.firstZoom + 0.3) fit();
    else map.setView(before.centre, before.zoom, { animate: false });
    before.copies = [...map.getContainer().querySelectorAll("canvas")].map(copied);
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
  const afterPrint = () => {
    for (const copy of before.copies) copy.remove();
    for (const one of before.closed) one.open = false;
    browser.retina = retina;
    document.body.classList.remove("printing");
    document.getElementById("legend").open = before.open;
    map.invalidateSize({ animate: false });
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
  };

  siteopt.open = (row, fly = true) => {
    const { lat, lon } = siteopt.data.sites;
    const place = L.latLng(lat[row], lon[row]);
    if (fly) map.setView(place, Math.max(map.getZoom(), CLOSE), { animate: false });
    show(place, siteopt.card(row));
    remember(row);
  };
  const show = (place, content) => {
    fitPopup();
    popup.setLatLng(place).setContent(content).openOn(map);
  };
  siteopt.show = show;
  // The card takes as much of the map as there is, and stays off the legend.
  const fitPopup = () => {
    const legend = document.getElementById("legend");
    const room = map.getContainer().clientWidth;
    popup.options.maxWidth = Math.min(390, room - 48);
    popup.options.minWidth = Math.min(330, room - 48);
    popup.options.maxHeight = Math.max(180, Math.min(470, map.getContainer().clientHeight * 0.62));
    popup.options.autoPanPaddingTopLeft = [56, 54]; // the search is above
    popup.options.autoPanPaddingBottomRight = [legend.open ? legend.offsetWidth + 22 : 14, 26];
    if (!legend.open) popup.options.autoPanPaddingTopLeft = [room < 480 ? 4 : 56, Math.max(54, legend.offsetHeight + 22)];
    if (room < 480) popup.options.autoPanPaddingBottomRight = [4, 26];
  };
  let opened = null;
  const remember = (row) => {
    opened = row;
    siteopt.focus(map, row);
    const parts = [];
    if (siteopt.language === "en") parts.push("lang=en");
    if (siteopt.year() !== siteopt.lastYear()) parts.push(`year=${siteopt.year()}`);
    if (row !== null) parts.push(`site=${encodeURIComponent(siteopt.data.sites.site_id[row])}`);
    parts.push(...siteopt.tabParts());
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : "#");
    for (const button of document.querySelectorAll("button.site")) {
      button.classList.toggle("open", row !== null && button.dataset.site === siteopt.data.sites.site_id[row]);
    }
  };

  siteopt.writeLink = () => remember(opened);

  // A place comes near enough to be told from its neighbours.
  const ZOOMS = { province: 7.5, district: 9, area: 10.5 };
  siteopt.goTo = (latlng, kind) => map.setView(latlng, Math.max(map.getZoom(), ZOOMS[kind] || 11), { animate: false });
  siteopt.focusCard = () => {
    const content = popup.isOpen() && popup.getElement().querySelector("article");
    if (!content) return;
    content.tabIndex = -1;
    content.focus({ preventScroll: true });
  };

  // Leaflet calls its own buttons by English names.
  const nameControls = () => {
    const controls = [[".leaflet-control-zoom-in", "map.zoom_in"], [".leaflet-control-zoom-out", "map.zoom_out"], [".leaflet-popup-close-button", "map.close"]];
    for (const [selector, key] of controls) {
      for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))) {
        button.setAttribute("aria-label", text(key));
        button.title = text(key);
      }
    }
  };

  const setLanguage = (language) => {
    siteopt.language = language;
    document.documentElement.lang = language;
    const { scenario } = siteopt.data;
    document.title = siteopt.one(scenario.title);
    document.getElementById("title").textContent = siteopt.one(scenario.title);
    for (const one of document.querySelectorAll("[data-text]")) one.textContent = text(siteopt.drawn(one.dataset.text));
    for (const one of document.querySelectorAll("[data-hint]")) one.title = text(siteopt.drawn(one.dataset.hint));
    document.getElementById("menu").setAttribute("aria-label", text("page.menu"));
    map.attributionControl.getContainer().replaceChildren(text("source.odbl"), " · Leaflet");
    nameControls();
    writeFigures();
    siteopt.writeLinkNote();
    siteopt.writeYears(anotherYear);
    siteopt.writeSearch();
    siteopt.writePanel();
    layers.labels.write();
    siteopt.writeChosen(layers.chosen);
    siteopt.tidyMarks(map);
    writeLegend();
    const open = opened;
    if (open !== null && popup.isOpen()) popup.setContent(siteopt.card(open));
    else if (popup.isOpen()) map.closePopup(popup);
    remember(open);
  };

  // What follows from the year that is shown: marks, connections, lists and the open card.
  const anotherYear = () => {
    siteopt.writePanel();
    siteopt.writeChosen(layers.chosen);
    siteopt.tidyMarks(map);
    siteopt.writeConnections(layers.connections);
    if (opened !== null && popup.isOpen()) popup.setContent(siteopt.card(opened));
    remember(opened);
  };

  const writeFigures = () => {
    const { plan, scenario } = siteopt.data;
    // Figures that meet are no proof beyond the gap at which the solver stops.
    const gap = { gap: siteopt.percent(plan.status === "optimal" ? Math.max(plan.solver_gap, plan.gap) : plan.gap) };
    const rows = [
      ["head.target", targetText(scenario)],
      ["head.chosen", text("head.chosen_of", { n: plan.chosen.length, all: siteopt.number(siteopt.data.sites_count) })],
      ["head.cost", siteopt.money(plan.cost_bn_krw), siteopt.each ? text("years.cost_hint", { year: siteopt.each[0].year }) : text("head.cost_hint")],
      ...(plan.unit === "bn_krw" ? [] : [["head.suitable", siteopt.worth(-plan.objective)]]),
      ["head.status", siteopt.word("status.", plan.status), text(`status.${plan.status}_hint`, gap)],
      ["head.gap", text("head.gap_most", gap), text(`status.${plan.status}_hint`, gap)],
    ];
    document.getElementById("figures").replaceChildren(...rows.map(([key, value, hint]) =>
      node("div", { title: hint || null }, node("dt", {}, text(key)), node("dd", {}, value))));
  };

  const targetText = ({ it_mw: mw, year }) => {
    if (!siteopt.each) return text("head.target_year", { mw: siteopt.number(mw), year });
    const [first] = siteopt.each;
    return text("years.target_path", { first: siteopt.number(first.target_it_mw), last: siteopt.number(mw), from: first.year, to: year });
  };

  const menu = () => {
    const folded = document.body.classList.toggle("folded");
    document.getElementById("menu").setAttribute("aria-expanded", String(!folded));
    map.invalidateSize({ animate: false });
  };

  const writeLegend = () => {
    const swatch = (style, kind = "box") => node("span", { class: `swatch ${kind}`, style });
    const row = (name, mark, label) => {
      if (!layers[name]) return null;
      const box = node("input", { type: "checkbox", onchange: (event) => (event.target.checked ? layers[name].addTo(map) : layers[name].remove()) });
      box.checked = map.hasLayer(layers[name]);
      return node("label", {}, box, mark, label);
    };
    const head = (key) => node("p", { class: "head" }, text(key));
    const rgb = (colour) => `background:rgba(${colour.slice(0, 3)},${(colour[3] / 255).toFixed(2)})`;
    const busSwatch = (colour, radius) => swatch(`border:1.2px solid ${colour};background:${colour}47;width:${2 * radius}px;height:${2 * radius}px`, "dot");
    const bands = siteopt.bands.map(({ last, colour, radius }, place) => {
      const label = bandLabel(place, last);
      return row(`band ${place}`, swatch(`background:${colour};width:${2 * radius}px;height:${2 * radius}px;margin:0 ${9 - radius}px`, "dot"), label);
    });
    const lineRows = Object.keys(siteopt.data.base.lines || {}).sort((a, b) => (Number(b) || 0) - (Number(a) || 0)).map((kv) => {
      const [colour, weight] = siteopt.lineStyle(kv);
      return row(`line ${kv}`, swatch(`border-top:${Math.max(1.5, weight)}px solid ${colour}`, "line"), text(kv === "dc" ? "legend.dc_line" : [154, 345, 765].includes(Number(kv)) ? "legend.line" : "legend.other_line", { kv }));
    });
    document.getElementById("legend-rows").replaceChildren(...[
      row("chosen", node("span", { class: "swatch chosen-mark" }, "1"), text("legend.chosen")),
      siteopt.each && node("p", { class: "below" }, node("span", { class: "swatch chosen-mark later" }), text("legend.not_yet")),
      siteopt.data.robustness && node("p", { class: "below" }, node("span", { class: "swatch ringed" }), text("legend.competitive")),
      row("connections", swatch(`border-top:3px solid ${siteopt.chosenColour}`, "line"), text("legend.connection")),
      layers.connections && siteopt.data.campuses && node("p", { class: "below" }, swatch(`border-top:1px dashed ${siteopt.chosenColour}`, "line"), text("legend.campus")),
      layers.connections && node("p", { class: "below" }, swatch(`border-top:4px dotted ${siteopt.chosenColour}`, "line"), text("legend.connection_ug")),
      head("legend.sites"), ...bands, siteopt.firstRange() && node("p", { class: "below note" }, text("legend.rank_note", { n: siteopt.number(siteopt.firstRange()) })), head("legend.head_land"),
      row("eligible", swatch(rgb(siteopt.colours.eligible)), text("legend.eligible")),
      excludedChoice(swatch(rgb(siteopt.colours.excluded))),
      head("legend.head_grid"), ...lineRows,
      row("stations", swatch("border:1.5px solid #1565c0;background:#fff;width:6px;height:6px;margin:0 4.5px", "dot"), text("legend.stations")),
      ...[["hosting", "legend.hosting"], ["held", "legend.held"]].map(([name, key]) => layers[name] && row(name, busSwatch(siteopt.busColours[name], 5), text(key, { snapshot: siteopt.snapshotName(layers[name].snapshot) }))),
      (layers.hosting || layers.held) && node("p", { class: "below sizes" }, text("legend.bus_size"), siteopt.busSizes.map(({ mw, radius }) =>
        node("span", {}, busSwatch("#55606b", radius), siteopt.number(mw)))),
      row("clean", swatch("background:linear-gradient(90deg,#2c7bb6,#ffffbf,#d7191c);border:1px solid #37424d"), text("legend.clean")),
      layers.clean && siteopt.cleanKey(map.hasLayer(layers.clean)),
      head("legend.head_base"),
      row("rivers", swatch(`border-top:2px solid ${siteopt.colours.river}`, "line"), text("legend.rivers")),
      row("expressways", swatch("border-top:2px solid #a97f35", "line"), text("legend.expressways")),
      row("districts", swatch("border-top:1px solid #8a949e", "line"), text("legend.districts")),
      row("labels", swatch("width:18px", "none"), text("legend.labels")),
      node("p", { class: "hint" }, text("legend.scale_note")),
    ].filter(Boolean));
  };
  const bandLabel = (place, last) => {
    if (last === undefined) return text("legend.impossible");
    if (place === 0) return text("legend.band_first", { b: last });
    const a = siteopt.number(siteopt.bands[place - 1].last + 1);
    if (last === Infinity) return text("legend.band_last", { a });
    return text(siteopt.bands[place].nearer ? "legend.band_near" : "legend.band", { a, b: siteopt.number(last) });
  };
  const excludedChoice = (mark) => {
    const choices = [["none", text("legend.excluded_none")], ["all", text("legend.excluded_all")],
      ...siteopt.data.reasons.map((reason, bit) => [String(bit), siteopt.one(reason.title)])];
    const select = node("select", { id: "excluded", onchange: (event) => showExcluded(event.target.value) },
      choices.map(([value, label]) => node("option", { value, selected: value === excluded }, label)));
    return node("label", { class: "choice" }, mark, node("span", {}, text("legend.excluded")), select);
  };
  const showExcluded = (choice) => {
    excluded = choice;
    if (excludedLayer) excludedLayer.remove();
    excludedLayer = null;
    if (choice === "none" || !siteopt.cells) return;
    const wanted = choice === "all" ? (mask) => mask !== 0 : (mask) => (mask & (1 << Number(choice))) !== 0;
    excludedLayer = siteopt.landLayer(wanted, siteopt.colours.excluded).addTo(map);
  };
})();
