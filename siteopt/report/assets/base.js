"use strict";
// What lies under the sites: borders, land, rivers, lines, stations, names.
(() => {
  const LINES = { 154: ["#6b7a86", 0.7], 345: ["#1565c0", 1.5], 765: ["#b0126b", 2.4] };
  const OTHER_LINE = ["#8a5a00", 1.6];
  const ELIGIBLE = [92, 170, 96, 150];
  const EXCLUDED = [128, 92, 60, 150];
  const RIVER = "#7fb2dd";
  const STATION_COLOURS = { 154: "#6b7a86", 345: "#1565c0", 765: "#b0126b" };

  siteopt.lineStyle = (kv) => LINES[kv] || OTHER_LINE;
  siteopt.colours = { eligible: ELIGIBLE, excluded: EXCLUDED, river: RIVER };

  // Panes from below to above; only the last takes the mouse.
  const pane = (map, name, order, mouse) => {
    const made = map.createPane(name);
    made.style.zIndex = order;
    if (!mouse) made.style.pointerEvents = "none";
    return L.canvas({ pane: name, padding: 0.3 });
  };
  const lines = (renderer, paths, style) =>
    L.polyline(paths.map(siteopt.path), { renderer, interactive: false, smoothFactor: 1.2, ...style });

  siteopt.base = (map) => {
    const { base } = siteopt.data;
    const land = pane(map, "siteopt-land", 210, false);
    map.createPane("siteopt-picture").style.zIndex = 220;
    map.getPane("siteopt-picture").style.pointerEvents = "none";
    const network = pane(map, "siteopt-network", 230, false);
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
    for (const [kv, paths] of Object.entries(base.lines || {})) {
      const [color, weight] = siteopt.lineStyle(kv);
      layers[`line ${kv}`] = lines(network, paths, { color, weight, opacity: 0.85 });
    }
    if (base.stations) layers.stations = stations(base.stations);
    layers.labels = labels(map);
    return layers;
  };

  const stations = (table) =>
    L.layerGroup(
      table.id.map((id, row) => {
        const kv = table.kv[row];
        const dot = L.circleMarker([table.lat[row], table.lon[row]], {
          renderer: siteopt.pointRenderer,
          radius: kv >= 345 ? 3.2 : 2,
          color: STATION_COLOURS[kv] || OTHER_LINE[0],
          weight: 1.2,
          fillColor: "#ffffff",
          fillOpacity: 1,
          bubblingMouseEvents: false,
        });
        return dot.bindTooltip(() => {
          const { node, text } = siteopt;
          return node("div", {}, node("b", {}, `${siteopt.stationName(id)} ${text("station.title")}`),
            node("br"), text("station.kv", { kv }), node("br"),
            text("station.name_confidence", { c: siteopt.word("confidence.", table.named[row]) }));
        });
      }),
    );

  // 경상북도 is said 경북, 서울특별시 서울.
  const short = (name) => name.replace(/^(.).(남|북)도$/, "$1$2").replace(/(특별자치|특별|광역|자치)?(시|도)$/, "");

  // Names of provinces, and of districts where the map is near enough (a class of the map shows them).
  const labels = (map) => {
    const group = L.layerGroup();
    const write = () => {
      group.clearLayers();
      for (const [layer, name] of [["provinces", "province"], ["districts", "district"]]) {
        const table = siteopt.data.base[layer];
        (table ? table.code : []).forEach((code, row) => {
          const ko = layer === "provinces" ? short(table.ko[row]) : table.ko[row];
          const html = siteopt.node("span", {}, siteopt.one([ko, table.en[row]]));
          const ward = layer === "districts" && table.ko[row].endsWith("구") ? " ward" : "";
          const icon = L.divIcon({ className: `label ${name}${ward}`, html, iconSize: [0, 0] });
          L.marker([table.lat[row], table.lon[row]], { icon, interactive: false, keyboard: false, pane: "siteopt-labels" }).addTo(group);
        });
      }
    };
    map.createPane("siteopt-labels").style.zIndex = 450;
    map.getPane("siteopt-labels").style.pointerEvents = "none";
    const near = () => {
      map.getContainer().classList.toggle("districts-named", map.getZoom() >= 9);
      map.getContainer().classList.toggle("wards-named", map.getZoom() >= 10.5);
    };
    map.on("zoomend", near);
    near();
    group.write = write;
    return group;
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

  // The combination of reasons at a place: null off the picture, -1 off the land.
  siteopt.reasonsAt = (place) => {
    if (!siteopt.cells) return null;
    const [[south, west], [north, east]] = siteopt.data.land.bounds;
    const corner = L.CRS.EPSG3857.project(L.latLng(north, west));
    const other = L.CRS.EPSG3857.project(L.latLng(south, east));
    const point = L.CRS.EPSG3857.project(place);
    const { values, width, height } = siteopt.cells;
    const col = Math.floor(((point.x - corner.x) / (other.x - corner.x)) * width);
    const row = Math.floor(((corner.y - point.y) / (corner.y - other.y)) * height);
    if (col < 0 || row < 0 || col >= width || row >= height) return -1;
    return siteopt.data.land.combinations[values[row * width + col]];
  };
})();
