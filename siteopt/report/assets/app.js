// @ts-check
"use strict";
// The page: cards, language, and what is shown when; see links.js for what the address keeps.
(() => {
  const CLOSE = 9.5; // the zoom at which a site of the list is shown
  const BESIDE = 680; // pixels of a map that holds a card beside the legend
  const PHONE = 720; // pixels of a map whose legend is folded at first; as in map.css
  const BELOW_ZOOM = 84; // pixels to the lower end of the buttons of the zoom
  const { node, text } = siteopt;
  let map;
  let layers;
  let popup;

  siteopt.start = (made) => {
    map = made;
    siteopt.map = map;
    siteopt.calm(map);
    document.getElementById("panel").after(map.getContainer());
    siteopt.read();
    let link = siteopt.readLink(); // its language and year
    siteopt.readYears(siteopt.data.years, link.year);
    if (link.lang) siteopt.language = link.lang;
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    popup = L.popup({ maxWidth: 390, minWidth: 330, className: "site-popup" });
    if (map.getContainer().clientWidth <= PHONE) document.getElementById("legend").open = false;
    layers = siteopt.base(map);
    siteopt.layers = layers;
    siteopt.candidates(map, layers);
    layers.connections = siteopt.connections();
    siteopt.writeYears(anotherYear);
    layers.chosen = L.layerGroup();
    siteopt.buses(map, layers);
    siteopt.cleanPrices(map, layers);
    siteopt.startSearch();
    setLanguage(siteopt.language);
    link = siteopt.readLink(); // tabs and layers are there now
    fit(); // the header has its height now, and nothing is drawn twice
    siteopt.firstZoom = map.getZoom();
    for (const name of siteopt.drawnFirst()) layers[name].addTo(map);
    map.on("click", (event) => siteopt.showPoint(event.latlng));
    map.on("popupclose", () => {
      place = null;
      remember(null);
    });
    map.on("popupopen", nameControls);
    map.on("zoomend", () => {
      siteopt.spreadMarks(map);
      siteopt.tidyMarks(map);
    });
    map.on("resize", () => {
      if (!popup.isOpen()) return;
      fitPopup();
      popup.update();
    });
    for (const [id, action] of Object.entries({ menu, language: () => setLanguage(siteopt.language === "ko" ? "en" : "ko") })) {
      document.getElementById(id).addEventListener("click", action);
    }
    siteopt.dialogs(map, popup);
    siteopt.readTerms();
    siteopt.shownTables(map);
    siteopt.prints(map, fit);
    byKeys(map.getContainer());
    map.fire("zoomend"); // what is shown by zoom knows the first one now
    siteopt.links(map, follow);
    siteopt.followed(link, false);
    siteopt.showLinkNote();
    performance.mark("siteopt-drawn");
    Promise.all([siteopt.readCells(), siteopt.readPlaces()]).then(() => {
      siteopt.drawLand();
      layers.eligible = siteopt.landLayer((mask) => mask === 0, siteopt.colours.eligible);
      if (!(link.off || []).includes("eligible")) layers.eligible.addTo(map);
      siteopt.showExcluded(siteopt.excluded);
      siteopt.writeLegend();
      ready = true;
      openPlace(link.at);
      performance.mark("siteopt-ready");
      siteopt.firstHints(location.hash.length > 1);
      return siteopt.writeRest();
    }).then(() => {
      document.documentElement.dataset.ready = "true";
    });
  };

  // Skip links, and the land at the centre of the map for those who do not point at it.
  const byKeys = (container) => {
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === container) siteopt.showPoint(map.getCenter());
    });
    const targets = { pages: document.getElementById("pages"), map: container };
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#skip a"))) {
      const target = targets[link.dataset.skip];
      link.href = `#${target.id}`;
      link.addEventListener("click", (event) => {
        event.preventDefault(); // the address says what is shown, not where the focus is
        if (link.dataset.skip === "pages" && document.body.classList.contains("folded")) menu();
        target.focus();
      });
    }
  };

  // What a link asks for: at the start, or followed in the open page.
  const follow = (link, again = true) => {
    siteopt.readYears(siteopt.data.years, link.year || siteopt.year());
    siteopt.switchLayers(link);
    if (again) {
      setLanguage(link.lang || siteopt.language);
      anotherYear();
    }
    siteopt.takeLink(link);
    siteopt.showTab(link.tab || (link.compare ? "compare" : link.weights ? "weights" : siteopt.tabNames()[0]));
    if (link.row === undefined) {
      map.closePopup(popup);
      if (again && !link.at) fit();
    } else siteopt.open(link.row, again);
    if (link.at) map.setView(link.at.place, link.at.zoom, { animate: false });
    siteopt.isAt(Boolean(link.at));
    if (again) siteopt.showLinkNote();
    place = link.row === undefined && link.place ? link.place : null;
    remember(link.row === undefined ? null : link.row);
    if (ready) openPlace(link.at);
  };
  // The place that a link names, once names and land are read.
  const openPlace = (at) => {
    const asked = place;
    if (asked === null) return;
    if (!siteopt.showLinked(asked)) {
      place = null;
      siteopt.unknownPlace(asked);
    }
    if (at) map.setView(at.place, at.zoom, { animate: false });
    siteopt.writeLink();
  };

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

  siteopt.open = (row, fly = true) => {
    const { lat, lon } = siteopt.data.sites;
    const latlng = L.latLng(lat[row], lon[row]);
    if (fly) {
      map.setView(latlng, Math.max(map.getZoom(), CLOSE), { animate: false });
      siteopt.isAt(false);
    }
    show(latlng, siteopt.card(row));
    remember(row, true);
  };
  const show = (latlng, content) => {
    siteopt.explainTerms(content);
    fitPopup();
    popup.setLatLng(latlng).setContent(content).openOn(map);
    siteopt.cardOpened();
    place = content.dataset.place || null;
    if (place !== null) remember(null, true); // a site has its own part of the address
  };
  siteopt.show = show;
  // The card takes as much of the map as there is, and stays off the legend.
  const fitPopup = () => {
    const legend = document.getElementById("legend");
    const room = map.getContainer().clientWidth;
    if (room < BESIDE) legend.open = false; // no room for both
    popup.options.maxWidth = Math.min(390, room - 48);
    popup.options.minWidth = Math.min(330, room - 48);
    popup.options.maxHeight = Math.max(180, Math.min(470, map.getContainer().clientHeight * 0.62));
    popup.options.autoPanPaddingTopLeft = [56, 54]; // the search is above
    popup.options.autoPanPaddingBottomRight = [legend.open ? legend.offsetWidth + 22 : 14, 26];
    if (!legend.open) popup.options.autoPanPaddingTopLeft = [room < 480 ? 4 : 56, room < 480 ? BELOW_ZOOM : Math.max(54, legend.offsetHeight + 22)];
    if (room < 480) popup.options.autoPanPaddingBottomRight = [4, 26];
  };
  let opened = null;
  siteopt.opened = () => opened;
  let place = null; // what the address calls the place whose card is open
  let ready = false;
  siteopt.placeOpen = () => place;
  const remember = (row, step = false) => {
    opened = row;
    siteopt.focus(map, row);
    siteopt.writeLink(step);
    for (const button of document.querySelectorAll("button.site")) {
      button.classList.toggle("open", row !== null && button.dataset.site === siteopt.data.sites.site_id[row]);
    }
  };

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
        if (key === "map.close") button.setAttribute("href", `#${map.getContainer().id}`); // Leaflet's "#close" leads nowhere
        button.title = text(key);
      }
    }
  };

  // The tab that is shown, and the others once all is drawn.
  const writePanel = () => {
    siteopt.writePanel();
    if (siteopt.cells) siteopt.writeRest();
  };
  const setLanguage = (language) => {
    siteopt.language = language;
    document.documentElement.lang = language;
    const { scenario } = siteopt.data;
    document.title = siteopt.one(scenario.title);
    document.getElementById("title").textContent = siteopt.one(scenario.title);
    for (const one of document.querySelectorAll("[data-text]")) one.textContent = text(siteopt.drawn(one.dataset.text));
    for (const one of document.querySelectorAll("[data-hint]")) one.title = text(siteopt.drawn(one.dataset.hint));
    for (const one of document.querySelectorAll("[data-name]")) one.setAttribute("aria-label", text(one.dataset.name));
    document.getElementById("language").lang = language === "ko" ? "en" : "ko"; // its word is of the other one
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", text("map.name"));
    document.getElementById("foot").textContent = siteopt.runText();
    document.getElementById("menu").setAttribute("aria-label", text("page.menu"));
    map.attributionControl.getContainer().replaceChildren(text("source.odbl"), " · Leaflet");
    nameControls();
    writeFigures();
    siteopt.writeLinkNote();
    siteopt.writeYears(anotherYear);
    siteopt.writeSearch();
    writePanel();
    layers.labels.write();
    siteopt.writeChosen(layers.chosen);
    siteopt.tidyMarks(map);
    siteopt.writeLegend();
    siteopt.writeHints();
    const open = opened;
    if (open !== null && popup.isOpen()) popup.setContent(siteopt.explainTerms(siteopt.card(open)));
    else if (popup.isOpen()) map.closePopup(popup);
    remember(open);
  };

  // What follows from the year that is shown: marks, connections, lists and the open card.
  const anotherYear = () => {
    writePanel();
    siteopt.writeChosen(layers.chosen);
    siteopt.tidyMarks(map);
    siteopt.writeConnections(layers.connections);
    if (opened !== null && popup.isOpen()) popup.setContent(siteopt.explainTerms(siteopt.card(opened)));
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
})();
