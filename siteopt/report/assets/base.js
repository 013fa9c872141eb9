// @ts-check
"use strict";
// The layers under the sites: borders, land, rivers, lines, stations.
(() => {
  const LINES = { 154: ["#6b7a86", 0.7], 345: ["#1565c0", 1.5], 765: ["#b0126b", 2.4] };
  const OTHER_LINE = ["#8a5a00", 1.6];
  /** @type {Rgba} */
  const ELIGIBLE = [92, 170, 96, 150];
  /** @type {Rgba} */
  const EXCLUDED = [128, 92, 60, 150];
  const SEA = "#dfeaf2";
  const RIVER = "#2f8699";
  const RIVERS = [{ least: -1, most: 1000, weight: 0.8 }, { least: 1000, most: 5000, weight: 1.3 }, { least: 5000, most: Infinity, weight: 2 }]; // km2 upstream
  const MAJOR_KV = 345; // stations below are shown where the map is nearer
  const NEARER = 0.75; // than the whole country, in zoom
  const STATION_COLOURS = { 154: "#6b7a86", 345: "#1565c0", 765: "#b0126b" };

  siteopt.lineStyle = (kv) => LINES[kv] || OTHER_LINE;
  siteopt.colours = { eligible: ELIGIBLE, excluded: EXCLUDED, river: RIVER };

  // Two canvases, the upper one takes the mouse: each more costs a browser time for every frame.
  const pane = (map, name, order, mouse, ground) => {
    const made = map.createPane(name);
    made.style.zIndex = String(order);
    if (!mouse) made.style.pointerEvents = "none";
    return siteopt.canvas(name, ground);
  };
  const lines = (paths, style) => siteopt.ink(paths, { renderer: siteopt.lineRenderer, ...style });
  const below = []; // what lies under all lines, the lowest last

  siteopt.base = (map) => {
    const { base } = siteopt.data;
    siteopt.lineRenderer = pane(map, "siteopt-base", 210, false, SEA);
    siteopt.pointRenderer = pane(map, "siteopt-points", 440, true);
    const layers = {};
    if (base.land) {
      const land = lines(base.land.flat(), { stroke: false, fill: true, fillColor: "#fbfaf6", fillOpacity: 1 }).addTo(map);
      below.push(land);
      lines(base.coast, { color: "#7b8fa1", weight: 0.8 }).addTo(map);
      lines(base.province_borders, { color: "#6d7680", weight: 1.3, dashArray: "5 2" }).addTo(map);
      siteopt.bounds = land.getBounds();
    }
    if (base.borders) layers.districts = lines(base.borders, { color: "#98a2ac", weight: 0.6 });
    if (base.rivers) {
      const { path, km2 } = base.rivers;
      const between = (least, most) => path.filter((one, row) => km2[row] > least && km2[row] <= most).flat();
      layers.rivers = L.layerGroup(RIVERS.map(({ least, most, weight }) => lines(between(least, most), { color: RIVER, weight })));
    }
    if (base.expressways) layers.expressways = lines(base.expressways, { color: "#a97f35", weight: 1, opacity: 0.8 });
    for (const [kv, paths] of Object.entries(base.lines || {})) {
      const [color, weight] = siteopt.lineStyle(kv);
      layers[`line ${kv}`] = lines(paths, { color, weight, opacity: 0.85 });
    }
    if (base.stations) layers.stations = stations(map, base.stations);
    layers.labels = siteopt.labels(map);
    return layers;
  };

  const stations = (map, table) => {
    const group = siteopt.nearLayer(map, NEARER);
    table.id.forEach((id, row) => {
      (table.kv[row] >= MAJOR_KV && table.kind[row] !== "new" ? group : group.inner).addLayer(station(table, id, row));
    });
    return group;
  };
  siteopt.stationIsDrawn = (row) => {
    const { kv, kind } = siteopt.data.base.stations;
    return (kv[row] >= MAJOR_KV && kind[row] !== "new") || siteopt.map.getZoom() >= siteopt.firstZoom + NEARER;
  };
  const station = (table, id, row) => {
    const kv = table.kv[row];
    const dot = L.circleMarker([table.lat[row], table.lon[row]], {
      renderer: siteopt.pointRenderer,
      radius: kv >= MAJOR_KV ? 2.8 : 2,
      color: STATION_COLOURS[kv] || OTHER_LINE[0],
      weight: 1.2,
      dashArray: table.kind[row] === "new" ? "2 2" : null,
      fillColor: "#ffffff",
      fillOpacity: 1,
      bubblingMouseEvents: false,
    });
    return dot.bindTooltip(() => {
      const { node, text } = siteopt;
      const name = siteopt.stationName(id);
      const kind = table.kind[row];
      // 안좌개폐소 and 산청양수 have their kind in their name.
      const title = ["", "substation", "unknown"].includes(kind) ? text("station.title", { name }) : name;
      return node("div", {}, node("b", {}, title),
        ...(kind ? [node("br"), siteopt.word("station_kind.", kind)] : []),
        node("br"), text("station.kv", { kv }), node("br"),
        text("station.name_confidence", { c: siteopt.word("confidence.", table.named[row]) }));
    });
  };

  // A layer of the cells whose combination of reasons is wanted, in one colour.
  siteopt.landLayer = (wanted, colour) => {
    const { values, width, height } = siteopt.cells;
    const shown = Uint8Array.from(siteopt.data.land.combinations, (mask) => (mask >= 0 && wanted(mask) ? 1 : 0));
    const canvas = siteopt.node("canvas", { width, height });
    const context = canvas.getContext("2d");
    const picture = context.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const pixel = new Uint32Array(new Uint8Array(colour).buffer)[0];
    for (let cell = 0; cell < values.length; cell += 1) if (shown[values[cell]]) pixels[cell] = pixel;
    context.putImageData(picture, 0, 0);
    const layer = siteopt.picture(canvas, siteopt.data.land.bounds, siteopt.lineRenderer);
    layer.on("add", () => {
      layer.bringToBack();
      for (const one of below) one.bringToBack();
    });
    return layer;
  };
})();
