// @ts-check
"use strict";
// The map of a comparison: marks of the sites, connections, land, legend, language.
(() => {
  const SIGNS = { entered: "+", left: "−", resized: "±", rescheduled: "⏱", reconnected: "↷" };
  const UP = "#1d6b3c";
  const DOWN = "#b01414";
  /** @type {Record<string, Rgba>} */
  const LAND = { both: [92, 170, 96, 150], before: [214, 96, 77, 215], after: [67, 118, 200, 215] };
  const ROUTES = { after: "#1565c0", before: "#c62828" };
  const CLOSE = 9.5; // the zoom at which a site of the list is shown
  const { node, text } = siteopt;
  let map;
  let popup;
  let layers;
  let opened = null;

  siteopt.start = (made) => {
    map = made;
    siteopt.map = map;
    document.body.append(document.getElementById("legend"));
    read();
    if (new URLSearchParams(location.hash.slice(1)).get("lang") === "en") siteopt.language = "en";
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    layers = siteopt.base(map);
    const { sites, ranks } = siteopt.data;
    layers.routes_before = routes(0);
    layers.routes_after = routes(1);
    layers.rank_up = arrows(ranks.list.filter(({ rank }) => rank[1] < rank[0]), UP);
    layers.rank_down = arrows(ranks.list.filter(({ rank }) => rank[1] > rank[0]), DOWN);
    for (const kind of kinds()) layers[kind] = L.layerGroup();
    for (const name of ["districts", "rivers", "labels", "routes_before", "routes_after", "rank_down", "rank_up", ...kinds()]) {
      if (layers[name]) layers[name].addTo(map);
    }
    popup = L.popup({ maxWidth: 360, minWidth: 300 });
    map.on("popupclose", () => remember(null));
    const buttons = { menu: siteopt.toggleMenu, print: () => window.print(), language: () => setLanguage(siteopt.language === "ko" ? "en" : "ko") };
    for (const [id, action] of Object.entries(buttons)) document.getElementById(id).addEventListener("click", action);
    if (map.getContainer().clientWidth < 760) document.getElementById("legend").open = false;
    window.addEventListener("beforeprint", () => siteopt.paper(true));
    window.addEventListener("afterprint", () => siteopt.paper(false));
    setLanguage(siteopt.language);
    siteopt.fitCountry(); // the header has its height now
    siteopt.firstZoom = map.getZoom();
    map.fire("zoomend");
    if (!siteopt.data.land) document.documentElement.dataset.ready = "true";
    else readLand().then(drawLand);
    siteopt.count = sites.list.length;
  };

  // The page's data, with columns where the shared scripts look for them.
  const read = () => {
    const { data } = siteopt;
    for (const name of ["sites", "ranks"]) {
      const list = data[name];
      data[name] = { list, lat: list.map(({ lat }) => lat), lon: list.map(({ lon }) => lon) };
    }
    siteopt.chosen = data.sites.list.map((site, row) => row);
    const named = (layer) => new Map((layer ? layer.code : []).map((code, row) => [code, [layer.ko[row], layer.en[row]]]));
    siteopt.provinces = named(data.base.provinces);
    siteopt.stations = new Map((data.base.stations ? data.base.stations.id : []).map((id, row) => [id, row]));
  };
  const kinds = () => ["both", "resized", "left", "entered"];
  const kindOf = ({ change }) => (change === "rescheduled" || change === "reconnected" ? "resized" : change);

  // The picture of the land: pixels are places in the list of combinations of reasons.
  const readLand = () =>
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

  const drawLand = () => {
    const wanted = { both: 0, before: 1, after: 2 };
    for (const [name, mask] of Object.entries(wanted)) {
      layers[`land_${name}`] = siteopt.landLayer((one) => one === mask, LAND[name]).addTo(map);
    }
    writeLegend();
    document.documentElement.dataset.ready = "true";
  };

  const routes = (side) => {
    const group = L.layerGroup();
    for (const { routes: both } of siteopt.data.sites.list) {
      const same = JSON.stringify(both[0]) === JSON.stringify(both[1]);
      const style = { renderer: siteopt.lineRenderer, interactive: false, smoothFactor: 0.5 };
      for (const path of both[side].map(siteopt.path)) {
        if (same && side === 0) continue;
        const color = same ? "#5a6772" : side ? ROUTES.after : ROUTES.before;
        group.addLayer(L.polyline(path, { ...style, color: "#ffffff", weight: 5 }));
        group.addLayer(L.polyline(path, { ...style, color, weight: 2.6, dashArray: side ? null : "5 4" }));
      }
    }
    return group;
  };

  const arrows = (list, colour) => {
    const group = L.layerGroup();
    for (const one of list.filter(({ chosen, lat }) => !chosen && lat !== null)) {
      const dot = L.circleMarker([one.lat, one.lon], { renderer: siteopt.pointRenderer, radius: 4.5, weight: 1, color: "#ffffff", fillColor: colour, fillOpacity: 0.95, bubblingMouseEvents: false });
      dot.bindTooltip(() => node("div", {}, node("b", {}, siteopt.one(one.name)), node("br"), siteopt.moved(one.rank)));
      group.addLayer(dot);
    }
    return group;
  };
  siteopt.moved = ([was, now]) => `${text("list.rank")} ${was ?? "–"} → ${now ?? "–"}`;

  siteopt.mark = (site) => {
    const kind = kindOf(site);
    const sign = kind === "both" ? String(site.rank[1] ?? "") : SIGNS[site.change];
    return node("span", { class: `mark-site ${site.change}${site.sure ? "" : " unproven"}`, "aria-hidden": "true" }, sign);
  };
  const writeMarks = () => {
    for (const kind of kinds()) layers[kind].clearLayers();
    siteopt.data.sites.list.forEach((site, row) => {
      const name = `${siteopt.one(site.name)}: ${text(`change.${site.change}`)}`;
      const size = kindOf(site) === "both" ? 22 : 28;
      const html = siteopt.mark(site);
      html.style.cssText = `width:${size}px;height:${size}px`;
      html.classList.toggle("open", row === opened);
      const icon = L.divIcon({ className: "", html, iconSize: [size, size] });
      const marker = L.marker([site.lat, site.lon], { icon, title: name, alt: name, riseOnHover: true, zIndexOffset: kindOf(site) === "both" ? 0 : 1000 });
      marker.on("click", () => siteopt.open(row, false)).addTo(layers[kindOf(site)]);
      const element = marker.getElement();
      if (element) element.setAttribute("aria-label", name);
    });
  };

  siteopt.open = (row, fly = true) => {
    const site = siteopt.data.sites.list[row];
    if (fly) map.setView([site.lat, site.lon], Math.max(map.getZoom(), CLOSE), { animate: false });
    const legend = document.getElementById("legend");
    popup.options.autoPanPaddingTopLeft = [56, 12];
    popup.options.autoPanPaddingBottomRight = [legend.open && map.getContainer().clientWidth > 700 ? legend.offsetWidth + 22 : 14, 26];
    popup.setLatLng([site.lat, site.lon]).setContent(siteopt.pairCard(site)).openOn(map);
    remember(row);
  };
  siteopt.goTo = ({ lat, lon }) => map.setView([lat, lon], Math.max(map.getZoom(), CLOSE), { animate: false });
  const remember = (row) => {
    opened = row;
    writeMarks();
    history.replaceState(null, "", siteopt.language === "en" ? "#lang=en" : "#");
    const id = row === null ? null : siteopt.data.sites.list[row].id;
    for (const button of document.querySelectorAll("button.site")) button.classList.toggle("open", button.dataset.site === id);
  };

  const setLanguage = (language) => {
    siteopt.language = language;
    document.documentElement.lang = language;
    const title = text("compare.title", { scenario: siteopt.one(siteopt.data.scenario) });
    document.title = title;
    document.getElementById("title").textContent = title;
    const [before, after] = siteopt.data.sides.map(siteopt.one);
    document.getElementById("sides").replaceChildren(`${text("compare.before")} `, node("b", {}, before), ` → ${text("compare.after")} `, node("b", {}, after));
    siteopt.writeFrame();
    siteopt.writeFigures();
    siteopt.writePanel();
    siteopt.writeAllPages();
    layers.labels.write();
    writeLegend();
    const open = opened;
    if (open !== null) popup.setContent(siteopt.pairCard(siteopt.data.sites.list[open]));
    remember(open);
  };

  const writeLegend = () => {
    const { swatch } = siteopt;
    const row = (name, mark) => siteopt.legendRow(layers[name], mark, `legend.${name}`);
    const rgb = ([r, g, b, a]) => `background:rgba(${r},${g},${b},${(a / 255).toFixed(2)})`;
    const site = (kind, sign) => node("span", { class: `swatch mark-site ${kind}` }, sign);
    const dot = (colour) => swatch(`width:9px;height:9px;background:${colour}`, "dot");
    const line = (style) => swatch(`border-top:${style}`, "line");
    document.getElementById("legend-rows").replaceChildren(...[
      row("entered", site("entered", "+")), row("left", site("left", "−")), row("resized", site("resized", "±")), row("both", site("both", "1")),
      row("routes_after", line(`3px solid ${ROUTES.after}`)), row("routes_before", line(`3px dashed ${ROUTES.before}`)),
      row("rank_up", dot(UP)), row("rank_down", dot(DOWN)),
      node("p", { class: "head" }, text("legend.head_land")),
      row("land_both", swatch(rgb(LAND.both))), row("land_after", swatch(rgb(LAND.after))), row("land_before", swatch(rgb(LAND.before))),
      node("p", { class: "head" }, text("legend.head_base")),
      row("stations", swatch("width:6px;height:6px;border:1.5px solid #1565c0;background:#fff", "dot")),
      row("rivers", line(`2px solid ${siteopt.colours.river}`)), row("districts", line("1px solid #8a949e")), row("labels", swatch("width:18px", "none")),
    ].filter(Boolean));
  };
})();
