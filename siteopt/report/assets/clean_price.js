// @ts-check
"use strict";
// The price of a further kWh of clean energy: at the buses of the grid, and at the bus of a site.
(() => {
  const COLOURS = ["#2c7bb6", "#abd9e9", "#ffffbf", "#fdae61", "#d7191c"]; // cheap to dear, told apart by the colour-blind
  const RADIUS = 5.5;
  const DECIMALS = 1;
  const { node, text } = siteopt;
  let edges = [];

  const known = () => siteopt.data.energy && siteopt.data.energy.price;
  const shown = (krw) => siteopt.tenths(krw);

  // Adds `clean`, off at first: buses by fifths of their prices.
  siteopt.cleanPrices = (map, layers) => {
    const prices = known();
    if (!prices) return;
    const { bus } = siteopt.data.grid;
    const sorted = prices.filter((krw) => krw !== null).sort((a, b) => a - b);
    if (!sorted.length) return;
    const round = (krw) => Number(krw.toFixed(DECIMALS));
    const inner = COLOURS.slice(1).map((_, place) => round(sorted[Math.floor(((place + 1) * sorted.length) / COLOURS.length)]));
    edges = [...new Set([round(sorted[0]), ...inner, round(sorted[sorted.length - 1])])];
    layers.clean = L.layerGroup(prices.map((krw, row) => (krw === null ? null : circle([bus.lat[row], bus.lon[row]], krw, row))).filter(Boolean));
    layers.clean.on("add", () => layers.clean.eachLayer((one) => one.bringToBack()));
    layers.clean.on("add remove", () => document.querySelectorAll(".clean-key").forEach((key) => key.toggleAttribute("hidden")));
  };
  const classes = () => Math.max(1, edges.length - 1);
  const classOf = (krw) => {
    let found = 0;
    while (found < classes() - 1 && Number(krw.toFixed(DECIMALS)) >= edges[found + 1]) found += 1;
    return found;
  };
  // Few classes keep the ends of the colours.
  const colour = (place) => COLOURS[classes() === 1 ? 2 : Math.round((place * (COLOURS.length - 1)) / (classes() - 1))];
  const circle = (at, krw, row) => {
    const made = L.circleMarker(at, { renderer: siteopt.pointRenderer, radius: RADIUS, weight: 1, color: "#37424d", fillColor: colour(classOf(krw)), fillOpacity: 0.95, bubblingMouseEvents: false });
    const said = () => [node("b", {}, text("bus.title", { name: siteopt.busName(row), kv: siteopt.data.grid.bus.kv[row] })), node("br"), text("clean.price", { krw: shown(krw) })];
    made.bindTooltip(() => node("div", {}, said()));
    made.on("click", () => {
      made.closeTooltip();
      siteopt.show(made.getLatLng(), node("article", { class: "card bus" }, node("p", {}, said()), node("p", { class: "hint" }, text("clean.price_hint"))));
    });
    return made;
  };

  // The classes with their prices, for the legend: as long as they are on the map.
  siteopt.cleanKey = (on) => node("p", { class: "below sizes clean-key", hidden: !on }, Array.from({ length: classes() }, (_, place) =>
    node("span", {}, node("span", { class: "swatch dot", style: `background:${colour(place)};border:1px solid #37424d;width:9px;height:9px` }),
      edges.length === 1 ? shown(edges[0]) : text("clean.range", { low: shown(edges[place]), high: shown(edges[place + 1]) }))));

  // Both clean shares of the portfolio, whose contracts are pooled, and what a kWh costs; null where none is matched.
  siteopt.cleanPortfolioText = () => {
    const { energy } = siteopt.data;
    if (!energy) return null;
    const { program, replay } = energy;
    const shares = { hourly: program.hourly_pct, hourly_replay: replay.hourly_pct, annual: program.annual_pct, annual_replay: replay.annual_pct, krw: energy.krw_kwh };
    return text("clean.portfolio", Object.fromEntries(Object.entries(shares).map(([name, value]) => [name, shown(value)])));
  };
  const atSite = (row) => {
    const { sites, grid } = siteopt.data;
    const place = sites.bus_id ? grid.bus.id.indexOf(String(sites.bus_id[row])) : -1;
    return place < 0 ? null : known()[place];
  };
  // The price at the bus of a site, beside the cheapest of the plan; null where it is not known.
  siteopt.cleanPriceText = (row) => {
    if (!known()) return null;
    const krw = atSite(row);
    if (krw === null) return null;
    const least = Math.min(...siteopt.chosen.map(atSite).filter((one) => one !== null));
    const gap = Number((krw - least).toFixed(DECIMALS));
    const beside = !Number.isFinite(least) ? null
      : gap === 0 ? text("clean.cheapest") : text(gap > 0 ? "clean.above" : "clean.below", { krw: shown(Math.abs(gap)) });
    return [text("site.krw_kwh", { krw: shown(krw) }), beside ? node("small", { class: "beside" }, beside) : null, node("small", { class: "beside" }, text("clean.pooled"), " ", siteopt.cleanPortfolioText())];
  };
})();
