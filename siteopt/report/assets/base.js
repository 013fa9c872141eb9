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
  const RIVER = "#7fb2dd";
  const MAJOR_KV = 345; // stations below are shown where the map is nearer
  const NEARER = 0.75; // than the whole country, in zoom
  const STATION_COLOURS = { 154: "#6b7a86", 345: "#1565c0", 765: "#b0126b" };

  siteopt.lineStyle = (kv) => LINES[kv] || OTHER_LINE;
  siteopt.colours = { eligible: ELIGIBLE, excluded: EXCLUDED, river: RIVER };

  // Panes from below to above; only the last takes the mouse.
  const pane = (map, name, order, mouse) => {
    const made = map.createPane(name);
    made.style.zIndex = String(order);
    if (!mouse) made.style.pointerEvents = "none";
    return L.canvas({ pane: name, padding: 0.3 });
  };
  const lines = (renderer, paths, style) =>
    L.polyline(paths.map(siteopt.path), { renderer, interactive: false, smoothFactor: 1.2, ...style });

  siteopt.base = (map) => {
    const { base } = siteopt.data;
    const land = pane(map, "siteopt-land", 210, false);
    map.createPane("siteopt-picture").style.zIndex = "220";
    map.getPane("siteopt-picture").style.pointerEvents = "none";
    const network = pane(map, "siteopt-network", 230, false);
    siteopt.lineRenderer = network;
    siteopt.pointRenderer = pane(map, "siteopt-points", 440, true);
    const layers = {};
    if (base.land) {
      const rings = base.land.map((polygon) => polygon.map(siteopt.path));
      const style = { renderer: land, interactive: false, smoothFactor: 0.8, weight: 0, fillColor: "#fbfaf6", fillOpacity: 1 };
      L.polygon(rings, style).addTo(map);
      lines(network, base.coast, { color: "#7b8fa1", weight: 0.8 }).addTo(map);
      lines(network, base.province_borders, { color: "#6d7680", weight: 1.3, dashArray: "5 2" }).addTo(map);
      siteopt.bounds = L.latLngBounds(rings.flat(2));
    }
    if (base.borders) layers.districts = lines(network, base.borders, { color: "#aab2ba", weight: 0.6 });
    if (base.rivers) {
      layers.rivers = L.layerGroup(
        base.rivers.path.map((paths, row) =>
          lines(network, paths, { color: RIVER, weight: base.rivers.km2[row] > 5000 ? 2 : base.rivers.km2[row] > 1000 ? 1.3 : 0.8 }),
        ),
      );
    }
    if (base.expressways) layers.expressways = lines(network, base.expressways, { color: "#a97f35", weight: 1, opacity: 0.8 });
    for (const [kv, paths] of Object.entries(base.lines || {})) {
      const [color, weight] = siteopt.lineStyle(kv);
      layers[`line ${kv}`] = lines(network, paths, { color, weight, opacity: 0.85 });
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

  // The picture of the land: pixels are places in the list of combinations of reasons.
  siteopt.readLand = () =>
    new Promise((done) => {
      const picture = new Image();
      picture.onload = () => {
        const canvas = siteopt.node("canvas", { width: picture.width, height: picture.height });
        const context = canvas.getContext("2d", { willReadFrequently: true });
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, picture.width, picture.height);
        const grey = siteopt.data.land.combinations.length <= 256;
        const cells = new Uint16Array(data.length / 4);
        for (let cell = 0; cell < cells.length; cell += 1) {
          cells[cell] = data[cell * 4] + (grey ? 0 : 256 * data[cell * 4 + 1]);
        }
        siteopt.cells = { values: cells, width: picture.width, height: picture.height };
        done();
      };
      picture.src = siteopt.data.land.png;
    });

  // A layer of the cells whose combination of reasons is wanted, in one colour.
  siteopt.landLayer = (wanted, colour) => {
    const { values, width, height } = siteopt.cells;
    const shown = siteopt.data.land.combinations.map((mask) => mask >= 0 && wanted(mask));
    const canvas = siteopt.node("canvas", { width, height });
    const context = canvas.getContext("2d");
    const picture = context.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const pixel = new Uint32Array(new Uint8Array(colour).buffer)[0];
    for (let cell = 0; cell < values.length; cell += 1) if (shown[values[cell]]) pixels[cell] = pixel;
    context.putImageData(picture, 0, 0);
    const options = { pane: "siteopt-picture", className: "land-picture", interactive: false, alt: "" };
    return L.imageOverlay(canvas.toDataURL(), siteopt.data.land.bounds, options);
  };
})();
