// @ts-check
"use strict";
// What the address of the page selects (#tab=ranking&site=ID&year=YEAR&lang=en&at=ZOOM/LAT/LON
// &on=LAYERS&off=LAYERS&excluded=REASON), the address of what is shown, and a note on what cannot be.
(() => {
  const COMPARED = 4; // sites side by side
  const LONGEST = 60; // signs of a link that the note repeats
  const { node, text } = siteopt;
  let faults = []; // keys of texts, each with its values

  // A part of an untrusted link: without control and bidirectional signs, and of limited length.
  const cleaned = (value) => {
    const plain = value.replace(/\p{C}/gu, "\uFFFD");
    return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
  };
  const READERS = {
    lang: (value) => (["ko", "en"].includes(value) ? value : undefined),
    year: (value) => ((siteopt.data.years ? siteopt.data.years.each : []).some(({ year }) => String(year) === value) ? Number(value) : undefined),
    site: (value) => value || undefined,
    place: (value) => value || undefined, // looked up once the names are read
    tab: (value) => (siteopt.tabNames().includes(value) ? value : undefined),
    at: (value) => {
      const [zoom, lat, lon] = value.split("/").map(Number);
      if (value.split("/").length !== 3 || ![zoom, lat, lon].every(Number.isFinite) || Math.abs(lat) > 85 || Math.abs(lon) > 180) return undefined;
      return { zoom: Math.min(siteopt.map.getMaxZoom(), Math.max(siteopt.map.getMinZoom(), zoom)), place: L.latLng(lat, lon) };
    },
    compare: (value) => {
      const rows = value.split(",").map((id) => siteopt.rows.get(id));
      return rows.length <= COMPARED && rows.every((row) => row !== undefined) ? rows : undefined;
    },
    weights: (value) => siteopt.parseWeights(value),
    on: (value) => layerNames(value),
    off: (value) => layerNames(value),
    excluded: (value) => (value === "all" || (/^\d{1,3}$/.test(value) && Number(value) < siteopt.data.reasons.length) ? value : undefined),
  };
  const layerNames = (value) => {
    const signs = value.split(",");
    return value && signs.every((sign) => sign === "eligible" || siteopt.layerNamed(sign)) ? signs : undefined;
  };

  // What the address selects; parts that are not valid are kept for the note.
  siteopt.readLink = () => {
    const link = {};
    faults = [];
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const read = Object.hasOwn(READERS, name) && !Object.hasOwn(link, name) ? READERS[name](value) : undefined;
      if (read === undefined) faults.push(["link.part", { part: cleaned(value ? `${name}=${value}` : name) }]);
      else link[name] = read;
    }
    if (link.site === undefined) return link;
    link.row = siteopt.rows.get(link.site);
    const shown = siteopt.data.sites.site_id.length;
    if (link.row === undefined) {
      faults.push(["link.site", { site: cleaned(link.site) }]);
      if (shown < siteopt.data.sites_count) faults.push(["link.beyond", { n: shown }]);
    }
    return link;
  };

  // The address of what is shown. What is as at first stays out of it, so that a short link is
  // one that somebody can read; a tab or a site is a step that the browser's button takes back.
  let moved = false; // whether somebody moved the map since it was last put somewhere
  let settled = false; // false while a link is followed
  const written = () => {
    const parts = [];
    const add = (name, value) => value !== null && value !== "" && parts.push(`${name}=${value}`);
    const open = siteopt.opened();
    const others = siteopt.tabParts();
    const head = others.length ? others[0].split("=")[0] : siteopt.tabNames()[0]; // the tab that a link opens by itself
    const { on, off } = siteopt.layersOtherwise();
    const { lat, lng } = siteopt.map.getCenter();
    add("lang", siteopt.language === "en" ? "en" : null);
    add("year", siteopt.year() === siteopt.lastYear() ? null : siteopt.year());
    add("tab", siteopt.shownTab() === head ? null : siteopt.shownTab());
    add("site", open === null ? null : encodeURIComponent(siteopt.data.sites.site_id[open]));
    add("place", siteopt.placeOpen() === null ? null : encodeURIComponent(siteopt.placeOpen()));
    add("at", moved ? `${Number(siteopt.map.getZoom().toFixed(2))}/${lat.toFixed(4)}/${lng.toFixed(4)}` : null);
    add("on", on.join());
    add("off", off.join());
    parts.push(...others);
    add("excluded", siteopt.excluded === "none" ? null : siteopt.excluded);
    return `#${parts.join("&")}`;
  };
  siteopt.writeLink = (step = false) => {
    if (!settled) return;
    const link = written();
    if (step && link !== (location.hash || "#")) history.pushState(null, "", link);
    else history.replaceState(null, "", link);
  };
  siteopt.isAt = (somewhere) => { moved = somewhere; };
  siteopt.layersChanged = () => siteopt.writeLink();
  siteopt.tabChosen = () => siteopt.writeLink(true);

  const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "+", "-", "=", "_"];
  siteopt.links = (map, follow) => {
    const container = map.getContainer();
    const byHand = () => { moved = true; };
    for (const name of ["wheel", "dblclick", "touchmove"]) container.addEventListener(name, byHand, { passive: true });
    container.addEventListener("keydown", ({ key, target }) => { if (target === container && MOVES.includes(key)) byHand(); });
    for (const button of container.querySelectorAll(".leaflet-control-zoom a")) button.addEventListener("click", byHand, true);
    map.on("dragstart", byHand);
    map.on("moveend", () => { if (moved) siteopt.writeLink(); });
    siteopt.followed = (link, again) => {
      settled = false;
      follow(link, again);
      settled = true;
      siteopt.writeLink();
    };
    window.addEventListener("hashchange", () => siteopt.followed(siteopt.readLink(), true));
  };

  // What the tabs take from the address and give to it: sites side by side, weights.
  siteopt.takeLink = (link) => {
    if (link.compare) siteopt.compareRows(link.compare);
    if (link.weights) siteopt.weigh(link.weights);
    if (link.compare) siteopt.showTab("compare");
    else if (link.weights) siteopt.showTab("weights");
  };
  siteopt.tabParts = () => {
    const ids = siteopt.compared().map((row) => encodeURIComponent(siteopt.data.sites.site_id[row]));
    const weights = siteopt.data.suitability ? siteopt.weightsPart() : null;
    return [ids.length ? `compare=${ids.join(",")}` : null, weights && `weights=${weights}`].filter(Boolean);
  };

  // The note over the map, in the language that is shown; none where the link was right.
  siteopt.writeLinkNote = () => {
    const note = document.getElementById("link-note");
    note.hidden = faults.length === 0;
    const close = () => {
      faults = [];
      siteopt.writeLinkNote();
      siteopt.map.getContainer().focus();
    };
    note.replaceChildren(...(note.hidden ? [] : [
      node("div", {}, faults.map(([key, values]) => node("p", {}, text(key, { ...values, n: siteopt.number(values.n) })))),
      node("button", { type: "button", onclick: close }, text("link.close"))]));
  };
  siteopt.unknownPlace = (place) => {
    faults.push(["link.part", { part: cleaned(`place=${place}`) }]);
    siteopt.showLinkNote();
  };
  siteopt.showLinkNote = () => {
    siteopt.writeLinkNote();
    if (faults.length) document.getElementById("link-note").focus();
  };
})();
