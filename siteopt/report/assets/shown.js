// @ts-check
"use strict";
// What the map shows as tables that a keyboard or a screen reader reaches: only layers that are on,
// only what lies in the part of the country that is in view.
(() => {
  const MOST = 40; // rows of a table; the rest is counted
  const SETTLE_MS = 200;
  const { node, text } = siteopt;
  let box = null;
  let waiting = 0;

  siteopt.shownPage = () => {
    box = node("div", {});
    if (siteopt.shownTab() === "shown") write();
    return box;
  };
  siteopt.tabShown = (name) => { if (name === "shown") write(); };
  const later = () => {
    clearTimeout(waiting);
    if (siteopt.shownTab() === "shown") waiting = setTimeout(write, SETTLE_MS);
  };

  const inView = ({ lat, lon }) => {
    const view = siteopt.map.getBounds();
    return lat.map((one, row) => row).filter((row) => view.contains([lat[row], lon[row]]));
  };
  const isOn = (name) => Boolean(siteopt.layers[name]) && siteopt.map.hasLayer(siteopt.layers[name]);
  const table = (key, columns, rows) => {
    if (!rows.length) return null;
    return node("table", { class: "limits shown-table" },
      node("caption", {}, text(key), node("small", {}, ` ${rows.length > MOST ? text("shown.first", { n: siteopt.number(rows.length), m: MOST }) : text("shown.n", { n: siteopt.number(rows.length) })}`)),
      node("thead", {}, node("tr", {}, columns.map((column) => node("th", { scope: "col" }, text(column))))),
      node("tbody", {}, rows.slice(0, MOST).map((cells) => node("tr", {}, cells().map((cell, place) => (place ? node("td", {}, cell) : node("th", { scope: "row" }, cell)))))));
  };
  const button = (row) => node("button", { type: "button", class: "link", "data-site": siteopt.data.sites.site_id[row], onclick: () => siteopt.open(row, false) }, siteopt.siteName(row));

  const sites = (key, rows) => table(key, ["shown.name", "shown.rank", "shown.mw"], rows.map((row) => () => [
    button(row), siteopt.isImpossible(row) ? text("site.value_impossible") : siteopt.rankMark(row), siteopt.data.sites.it_mw[row] === null ? "–" : siteopt.number(siteopt.data.sites.it_mw[row])]));
  const connections = (rows) => table("shown.connections", ["shown.name", "site.station", "shown.km"], rows.map((row) => () => [
    button(row), siteopt.stationName(siteopt.data.sites.station_id[row]), siteopt.number(siteopt.data.sites.route_km[row], 1)]));
  const stations = () => {
    const found = siteopt.data.base.stations;
    if (!found || !isOn("stations")) return null;
    return table("shown.stations", ["shown.name", "shown.kv", "shown.kind"], inView(found).filter((row) => siteopt.stationIsDrawn(row)).sort((a, b) => found.kv[b] - found.kv[a] || a - b).map((row) => () => [
      siteopt.stationName(found.id[row]), siteopt.number(found.kv[row]), found.kind[row] ? siteopt.word("station_kind.", found.kind[row]) : "–"]));
  };
  const buses = (name, key) => {
    if (!isOn(name)) return null;
    const values = siteopt.busValues(name);
    const { bus } = siteopt.data.grid;
    return table(key, ["shown.name", "shown.kv", "shown.mw"], inView(bus).filter((row) => values[row] >= 1).sort((a, b) => values[b] - values[a]).map((row) => () => [
      siteopt.busName(row), siteopt.number(bus.kv[row]), siteopt.number(values[row])]));
  };

  const write = () => {
    if (!box) return;
    const all = inView(siteopt.data.sites);
    const chosen = isOn("chosen") ? all.filter((row) => siteopt.isChosen.has(row)) : [];
    const drawn = all.filter((row) => !siteopt.isChosen.has(row) && siteopt.siteIsDrawn(row));
    box.replaceChildren(...[
      node("p", { class: "hint" }, text("shown.intro")),
      node("p", {}, node("button", { type: "button", class: "plain", onclick: () => siteopt.showPoint(siteopt.map.getCenter()) }, text("shown.here"))),
      sites("legend.chosen", chosen), isOn("connections") ? connections(chosen.filter(siteopt.runs)) : null,
      sites("shown.candidates", drawn), stations(), buses("hosting", "shown.hosting"), buses("held", "shown.held"),
      chosen.length + drawn.length ? null : node("p", {}, text("shown.nothing"))].filter(Boolean));
    siteopt.explainTerms(box);
  };

  siteopt.shownTables = (map) => map.on("moveend layeradd layerremove", later);
})();
