// @ts-check
"use strict";
// Two layers of the grid case: what its buses can host further, and generation without an outlet.
(() => {
  const LOAD = "#00796b";
  const HELD = "#e65100";
  const SCALE = 0.15; // pixels of radius for the root of a MW
  const LEAST_MW = 1; // less is not drawn
  const SIZES = [300, 1000, 3000];
  const { node, text } = siteopt;
  const radius = (mw) => Math.max(2, SCALE * Math.sqrt(mw));

  siteopt.busSizes = SIZES.map((mw) => ({ mw, radius: radius(mw) }));
  siteopt.busColours = { hosting: LOAD, held: HELD };

  // Adds `hosting` (system peak, all in service) and `held` (where most is held back), off at first.
  siteopt.buses = (map, layers) => {
    const { grid } = siteopt.data;
    if (!grid || !grid.hosting) return;
    const { snapshots } = grid.hosting;
    const ids = Object.keys(snapshots);
    for (const one of Object.values(snapshots)) {
      for (const name of ["curtailed", "held"]) one[name] = siteopt.column(one[name]);
      for (const security of ["none", "n-1"]) {
        for (const [name, packed] of Object.entries(one[security] || {})) one[security][name] = siteopt.column(packed);
      }
    }
    const loads = ids.filter((id) => snapshots[id].none);
    if (loads.length) {
      const shown = loads.includes("peak") ? "peak" : loads[0];
      layers.hosting = circles(snapshots[shown].none.load, LOAD, "bus.load", shown);
    }
    const held = (id) => snapshots[id].held.reduce((sum, mw) => sum + (mw || 0), 0);
    const most = [...ids].sort((a, b) => held(b) - held(a))[0];
    if (most !== undefined) layers.held = circles(snapshots[most].held, HELD, "bus.held", most);
    // Sites stay on top, then generation held back, then load; of each the small circles.
    const both = [layers.held, layers.hosting].filter(Boolean);
    const sink = () => both.filter((group) => map.hasLayer(group)).forEach((group) => [...group.getLayers()].reverse().forEach((circle) => circle.bringToBack()));
    for (const group of both) group.on("add", sink);
  };

  const drawn = {}; // MW of the buses by layer
  siteopt.busValues = (name) => drawn[name] || [];
  const circles = (values, colour, kind, snapshot) => {
    drawn[kind === "bus.load" ? "hosting" : "held"] = values;
    const { bus } = siteopt.data.grid;
    const group = /** @type {L.LayerGroup & { snapshot: string }} */ (L.layerGroup());
    group.snapshot = snapshot;
    const order = values.map((mw, row) => row).filter((row) => values[row] !== null && values[row] >= LEAST_MW);
    order.sort((a, b) => values[b] - values[a]);
    for (const row of order) {
      const circle = L.circleMarker([bus.lat[row], bus.lon[row]], { renderer: siteopt.pointRenderer, radius: radius(values[row]), weight: 1.2, color: colour, fillColor: colour, fillOpacity: 0.28, bubblingMouseEvents: false });
      circle.bindTooltip(() => node("div", {}, node("b", {}, busTitle(row)), node("br"), `${text(kind)} ${siteopt.number(values[row])} MW`, node("br"), siteopt.snapshotName(snapshot)));
      circle.on("click", () => {
        circle.closeTooltip();
        siteopt.show(circle.getLatLng(), card(row, snapshot));
      });
      group.addLayer(circle);
    }
    return group;
  };

  const busTitle = (row) => text("bus.title", { name: siteopt.busName(row), kv: siteopt.data.grid.bus.kv[row] });
  const card = (row, first) => {
    const { snapshots } = siteopt.data.grid.hosting;
    const ids = [first, ...Object.keys(snapshots).filter((id) => id !== first)];
    return node("article", { class: "card bus" }, node("h2", {}, busTitle(row)),
      node("p", { class: "hint" }, text(siteopt.data.grid.own ? "bus.note_own" : "bus.note")),
      ids.map((id) => node("details", { open: id === first }, node("summary", {}, siteopt.snapshotName(id)), table(row, snapshots[id]))));
  };
  const table = (row, one) => {
    const lines = [];
    for (const [name, kind] of [["load", "bus.load"], ["feed", "bus.feed"]]) {
      for (const [security, heading] of [["none", "bus.in_service"], ["n-1", "bus.any_outage"]]) {
        if (one[security] && one[security][name][row] !== null) lines.push([text(kind), text(heading), one[security][name][row], one[security][`${name}_limit`][row]]);
      }
    }
    for (const [name, kind] of [["curtailed", "bus.curtailed"], ["held", "bus.held"]]) {
      if (one[name][row] !== null) lines.push([text(kind), null, one[name][row], null]);
    }
    return node("table", {}, node("tbody", {}, lines.map(([kind, heading, mw, limit]) => node("tr", {},
      node("th", { scope: "row" }, kind, heading ? node("small", {}, heading) : null),
      node("td", { class: "amount" }, `${siteopt.number(mw)} MW`),
      node("td", {}, limit === null ? null : node("small", {}, siteopt.limitName(siteopt.data.grid.hosting.limits[limit])))))));
  };
})();
