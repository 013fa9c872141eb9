// @ts-check
"use strict";
// The sites on the map: candidates in bands of ranks, chosen sites, connections, the open one.
(() => {
  const CHOSEN = "#c62828";
  const FOCUS = "#ff9f1c";
  // The last rank of a band, its colour and radius, and how much nearer than the whole country
  // the map must be: thousands of dots at once would hide the few that matter.
  const BANDS = [
    { last: 50, colour: "#3f007d", radius: 4.5, nearer: 0 },
    { last: 200, colour: "#8f7fc4", radius: 2.8, nearer: 0 },
    { last: 1000, colour: "#a9a4d2", radius: 3, nearer: 0.75 },
    { last: Infinity, colour: "#cfcde4", radius: 2.6, nearer: 1.25 },
  ];
  const IMPOSSIBLE = { colour: "#8d8d8d", radius: 2.6, nearer: 1.25 };
  const { node, text } = siteopt;
  const focus = L.layerGroup();

  siteopt.bands = [...BANDS, IMPOSSIBLE];
  siteopt.markers = []; // of the chosen sites, best first
  siteopt.chosenColour = CHOSEN;
  siteopt.isImpossible = (row) => siteopt.data.sites.proof[row] === "impossible";
  const bandOf = (row) => (siteopt.isImpossible(row) ? BANDS.length
    : BANDS.findIndex(({ last }) => (siteopt.data.sites.rank[row] ?? Infinity) <= last));

  const rim = (row) => (siteopt.isContested(row) ? { weight: 2, color: "#0b6e4f" } : { weight: 0.6, color: "#ffffff" });

  // Canvas circles, a layer a band; the worst first, so that the best lie on top.
  siteopt.candidates = (map, layers) => {
    const { lat, lon } = siteopt.data.sites;
    siteopt.drawnSites = siteopt.chosen.length;
    for (let row = lat.length - 1; row >= 0; row -= 1) {
      if (siteopt.isChosen.has(row)) continue;
      const place = bandOf(row);
      const { colour: fillColor, radius, nearer } = siteopt.bands[place];
      const dot = L.circleMarker([lat[row], lon[row]], { renderer: siteopt.pointRenderer, radius, ...rim(row), fillColor, fillOpacity: 0.95, bubblingMouseEvents: false });
      dot.on("click", () => siteopt.open(row, false));
      dot.bindTooltip(() => node("div", {}, node("b", {}, siteopt.siteName(row)), node("br"), siteopt.rankText(row), siteopt.data.robustness ? ` · ${siteopt.classText(row)}` : ""));
      const name = `band ${place}`;
      layers[name] = layers[name] || (nearer ? siteopt.nearLayer(map, nearer) : L.layerGroup());
      (layers[name].inner || layers[name]).addLayer(dot);
      siteopt.drawnSites += 1;
    }
  };

  // A group whose content is on the map where it is so much nearer than the whole country.
  siteopt.nearLayer = (map, nearer) => {
    const group = /** @type {NearGroup} */ (L.layerGroup());
    group.inner = L.layerGroup();
    const fit = () => {
      const wanted = map.hasLayer(group) && map.getZoom() >= siteopt.firstZoom + nearer;
      if (!wanted) group.inner.remove();
      else if (!map.hasLayer(group.inner)) {
        group.inner.addTo(map);
        group.inner.eachLayer((dot) => /** @type {L.CircleMarker} */ (dot).bringToBack());
      }
    };
    map.on("zoomend", fit);
    group.on("add", fit);
    group.on("remove", fit);
    return group;
  };

  // The routes from a site to its stations, a line a stretch: overhead whole, underground dotted,
  // those of the second feed thinner.
  const connection = (row, color) => {
    const [kinds, texts] = siteopt.data.connections[row] || ["", []];
    const style = { renderer: siteopt.lineRenderer, interactive: false, smoothFactor: 0.5 };
    const paths = texts.map(siteopt.path);
    const halo = paths.map((path) => L.polyline(path, { ...style, color: "#ffffff", weight: 6 }));
    return [...halo, ...paths.map((path, place) => L.polyline(path, { ...style, color, ...siteopt.stretchStyle[kinds[place]] }))];
  };
  siteopt.stretchStyle = {
    o: { weight: 3 },
    u: { weight: 4, dashArray: "1 6", lineCap: "round" },
    p: { weight: 1.5 },
    v: { weight: 2, dashArray: "1 4", lineCap: "round" },
  };
  // A campus: thin lines from its centre to its parts, a dot each; every second point is the centre.
  const campus = (row, color) => {
    const way = (siteopt.data.campuses || {})[row];
    if (!way) return [];
    const path = siteopt.path(way);
    const parts = path.filter((_, place) => place === 0 || place % 2 === 1);
    return [
      L.polyline(path, { renderer: siteopt.lineRenderer, interactive: false, color, weight: 1, dashArray: "4 3" }),
      ...parts.map((part) => L.circleMarker(part, { renderer: siteopt.lineRenderer, interactive: false, radius: 4, weight: 1, color: "#ffffff", fillColor: color, fillOpacity: 0.9 })),
    ];
  };
  siteopt.connections = () => siteopt.writeConnections(L.layerGroup());
  siteopt.writeConnections = (group) => {
    group.clearLayers();
    for (const row of siteopt.chosen.filter(siteopt.runs)) for (const line of [...campus(row, CHOSEN), ...connection(row, CHOSEN)]) group.addLayer(line);
    return group;
  };

  // A ring about the site whose card is open, and its connection where none is drawn.
  siteopt.focus = (map, row) => {
    focus.clearLayers();
    if (row === null) return;
    const { lat, lon } = siteopt.data.sites;
    if (!siteopt.isChosen.has(row) || !siteopt.runs(row)) for (const line of [...campus(row, FOCUS), ...connection(row, FOCUS)]) focus.addLayer(line);
    const radius = siteopt.isChosen.has(row) ? 17 : 9;
    focus.addLayer(L.circleMarker([lat[row], lon[row]], { renderer: siteopt.pointRenderer, interactive: false, radius, weight: 4, color: FOCUS, fillColor: siteopt.isChosen.has(row) ? CHOSEN : siteopt.bands[bandOf(row)].colour, fillOpacity: 1 }));
    focus.addTo(map);
  };

  // Below the mark of a chosen site: its MW in the year that is shown, or when it opens.
  const yearMark = (row) => {
    if (!siteopt.each) return null;
    const { open_year: opens } = siteopt.data.sites;
    return node("small", {}, siteopt.runs(row) ? `${siteopt.number(siteopt.mwNow(row))} MW` : text("years.year", { year: opens[row] }));
  };
  const yearText = (row) => {
    if (!siteopt.each) return null;
    if (!siteopt.runs(row)) return text("years.not_yet", { year: siteopt.data.sites.open_year[row] });
    return text("years.now", { year: siteopt.year(), mw: siteopt.number(siteopt.mwNow(row)) });
  };

  siteopt.writeChosen = (group) => {
    const { sites } = siteopt.data;
    group.clearLayers();
    siteopt.markers = [];
    for (const row of [...siteopt.chosen].reverse()) {
      const name = [siteopt.rankText(row), siteopt.siteName(row), yearText(row)].filter(Boolean).join(" ");
      const html = node("span", {}, siteopt.rankMark(row), yearMark(row));
      const icon = L.divIcon({ className: `chosen-site${siteopt.runs(row) ? "" : " later"}${siteopt.isRange(row) ? " range" : ""}`, html, iconSize: [26, 26] });
      const marker = L.marker([sites.lat[row], sites.lon[row]], { icon, title: name, alt: name, riseOnHover: true, zIndexOffset: 1000 - row });
      marker.on("click", () => siteopt.open(row, false)).addTo(group);
      siteopt.markers.unshift(marker);
      const element = marker.getElement();
      if (element) element.setAttribute("aria-label", name);
    }
  };
})();
