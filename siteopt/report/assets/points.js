// @ts-check
"use strict";
// The sites on the map: candidates in bands of ranks, chosen sites, connections, the open one.
(() => {
  const CHOSEN = "#c62828";
  const FOCUS = "#ff9f1c";
  // The last rank of a band, its colour and radius, and how much nearer than the whole country
  // the map must be: thousands of dots at once would hide the few that matter.
  // Lightness falls off with rank and the rim keeps each 3:1 apart from land, sea and exclusions;
  // what cannot be built is a cross, so that no colour need be told from another.
  const RIM = "#4b3f8f";
  const BANDS = [
    { last: 50, colour: "#3f007d", rim: "#ffffff", radius: 4.5, nearer: 0 },
    { last: 200, colour: "#8f7fc4", rim: RIM, radius: 2.8, nearer: 0 },
    { last: 1000, colour: "#cfcae8", rim: RIM, radius: 3, nearer: 0.75 },
    { last: Infinity, colour: "#ffffff", rim: RIM, radius: 2.4, nearer: 1.25 },
  ];
  const IMPOSSIBLE = { colour: "#4a4a4a", rim: "#4a4a4a", radius: 2.6, nearer: 1.25, shape: "cross" };
  const CONTESTED = "#07553c";
  const { node, text } = siteopt;
  const focus = L.layerGroup();

  siteopt.bands = [...BANDS, IMPOSSIBLE];
  siteopt.markers = []; // of the chosen sites, best first
  siteopt.chosenColour = CHOSEN;
  siteopt.isImpossible = (row) => siteopt.data.sites.proof[row] === "impossible";
  const bandOf = (row) => (siteopt.isImpossible(row) ? BANDS.length
    : BANDS.findIndex(({ last }) => (siteopt.data.sites.rank[row] ?? Infinity) <= last));

  siteopt.contestedColour = CONTESTED;
  const rim = (row) => {
    const { rim: color, shape } = siteopt.bands[bandOf(row)];
    if (siteopt.isContested(row)) return { weight: 2, color: CONTESTED };
    return { weight: shape ? 1.3 : color === RIM ? 1 : 0.6, color, shape };
  };
  // Whether the map shows a site now: its layer is on, and the map is near enough.
  siteopt.siteIsDrawn = (row) => {
    const place = bandOf(row);
    const layer = siteopt.layers[`band ${place}`];
    return Boolean(layer) && siteopt.map.hasLayer(layer) && siteopt.map.getZoom() >= siteopt.firstZoom + siteopt.bands[place].nearer;
  };

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

  // Marks that would lie on each other move apart, with a line to the place they stand for: each can
  // be seen, and is a target of its own.
  const APART = 28; // pixels between centres, across or down
  const ROUNDS = 60;
  let offsets = new Map();
  siteopt.markOffset = (row) => offsets.get(row) || [0, 0];
  siteopt.spreadMarks = (map) => {
    const { lat, lon } = siteopt.data.sites;
    const marks = siteopt.chosen.map((row) => ({ row, from: map.project([lat[row], lon[row]]), at: map.project([lat[row], lon[row]]) }));
    for (let round = 0, moved = true; moved && round < ROUNDS; round += 1) {
      moved = false;
      for (const [place, one] of marks.entries()) {
        for (const other of marks.slice(place + 1)) moved = pushed(one.at, other.at) || moved;
      }
    }
    offsets = new Map(marks.map(({ row, from, at }) => [row, [Math.round(at.x - from.x), Math.round(at.y - from.y)]]));
    siteopt.markers.forEach((marker, place) => put(marker, offsets.get(siteopt.chosen[place])));
  };
  const pushed = (one, other) => {
    const across = other.x - one.x;
    const down = other.y - one.y;
    if (Math.max(Math.abs(across), Math.abs(down)) >= APART - 0.01) return false;
    const sideways = Math.abs(across) >= Math.abs(down); // the shorter way apart; equal places go down
    const half = (APART - Math.abs(sideways ? across : down)) / 2;
    const sign = (sideways ? across : down) < 0 ? -1 : 1;
    if (sideways) {
      one.x -= sign * half;
      other.x += sign * half;
    } else {
      one.y -= sign * half;
      other.y += sign * half;
    }
    return true;
  };
  const put = (marker, [across, down]) => {
    const element = marker.getElement();
    if (!element) return;
    const half = marker.options.icon.options.iconSize[0] / 2;
    element.style.marginLeft = `${across - half}px`;
    element.style.marginTop = `${down - half}px`;
    const leader = element.querySelector(".leader");
    const far = Math.hypot(across, down);
    leader.hidden = far < 6;
    leader.style.width = `${far}px`;
    leader.style.transform = `rotate(${Math.atan2(-down, -across)}rad)`;
  };

  siteopt.writeChosen = (group) => {
    const { sites } = siteopt.data;
    group.clearLayers();
    siteopt.markers = [];
    for (const row of [...siteopt.chosen].reverse()) {
      const name = [siteopt.rankText(row), siteopt.siteName(row), yearText(row)].filter(Boolean).join(" ");
      const html = node("span", {}, siteopt.rankMark(row), yearMark(row), node("i", { class: "leader", hidden: true }));
      const icon = L.divIcon({ className: `chosen-site${siteopt.runs(row) ? "" : " later"}${siteopt.isRange(row) ? " range" : ""}`, html, iconSize: [26, 26] });
      const marker = L.marker([sites.lat[row], sites.lon[row]], { icon, title: name, alt: name, riseOnHover: true, zIndexOffset: 1000 - row });
      marker.on("click", () => siteopt.open(row, false)).addTo(group);
      siteopt.markers.unshift(marker);
      const element = marker.getElement();
      if (element) element.setAttribute("aria-label", name);
    }
    siteopt.spreadMarks(siteopt.map);
  };
})();
