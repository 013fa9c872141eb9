// @ts-check
"use strict";
// The map of a scenario set: in how many plans each site is, one plan alone, legend, language.
(() => {
  const CLOSE = 9.5; // the zoom at which a site of the list is shown
  const HALF = 0.5;
  const { node, text } = siteopt;
  let map;
  let popup;
  let layers;
  let opened = null;
  let plan = "";

  siteopt.start = (made) => {
    map = made;
    siteopt.map = map;
    document.body.append(document.getElementById("legend"));
    read();
    if (new URLSearchParams(location.hash.slice(1)).get("lang") === "en") siteopt.language = "en";
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    layers = siteopt.base(map);
    layers.sites = L.layerGroup();
    for (const name of ["districts", "rivers", "labels", "sites"]) if (layers[name]) layers[name].addTo(map);
    popup = L.popup({ maxWidth: 360, minWidth: 280 });
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
    siteopt.count = siteopt.data.sites.list.length;
    document.documentElement.dataset.ready = "true";
  };

  const read = () => {
    const { data } = siteopt;
    const list = /** @type {SetSite[]} */ (/** @type {unknown} */ (data.sites));
    data.sites = { list, lat: list.map(({ lat }) => lat), lon: list.map(({ lon }) => lon) };
    siteopt.chosen = list.map((site, row) => row);
    const named = (layer) => new Map((layer ? layer.code : []).map((code, row) => [code, [layer.ko[row], layer.en[row]]]));
    siteopt.provinces = named(data.base.provinces);
    siteopt.stations = new Map((data.base.stations ? data.base.stations.id : []).map((id, row) => [id, row]));
  };

  const kindOf = ({ plans }) => {
    const all = siteopt.data.solved;
    if (!plans) return "robust";
    return plans === all ? "every" : plans >= all * HALF ? "most" : "some";
  };
  siteopt.mark = (site) =>
    node("span", { class: `mark-site ${plan ? "most" : kindOf(site)}`, "aria-hidden": "true" }, plan ? siteopt.number(site.it_mw[plan]) : site.plans ? String(site.plans) : "＋");
  const writeMarks = () => {
    layers.sites.clearLayers();
    siteopt.data.sites.list.forEach((site, row) => {
      if (plan && !site.it_mw[plan]) return;
      const name = `${siteopt.one(site.name)}: ${siteopt.inPlans(site)}`;
      const size = plan ? 32 : 20 + 10 * (site.plans / Math.max(siteopt.data.solved, 1));
      const html = siteopt.mark(site);
      html.style.cssText = `width:${size}px;height:${size}px`;
      html.classList.toggle("open", row === opened);
      const icon = L.divIcon({ className: "", html, iconSize: [size, size] });
      const marker = L.marker([site.lat, site.lon], { icon, title: name, alt: name, riseOnHover: true, zIndexOffset: 100 * site.plans });
      marker.on("click", () => siteopt.open(row, false)).addTo(layers.sites);
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
    popup.setLatLng([site.lat, site.lon]).setContent(siteopt.loadCard(site)).openOn(map);
    remember(row);
  };
  const remember = (row) => {
    opened = row;
    writeMarks();
    history.replaceState(null, "", siteopt.language === "en" ? "#lang=en" : "#");
    const id = row === null ? null : siteopt.data.sites.list[row].id;
    for (const button of document.querySelectorAll("button.site")) button.classList.toggle("open", button.dataset.site === id);
  };
  siteopt.showPlan = (name) => {
    plan = name;
    writeMarks();
  };

  const setLanguage = (language) => {
    siteopt.language = language;
    document.documentElement.lang = language;
    document.title = siteopt.one(siteopt.data.title);
    document.getElementById("title").textContent = document.title;
    siteopt.writeFrame();
    siteopt.writeFigures();
    siteopt.writePanel();
    siteopt.writeAllPages();
    layers.labels.write();
    writeLegend();
    const open = opened;
    if (open !== null) popup.setContent(siteopt.loadCard(siteopt.data.sites.list[open]));
    remember(open);
  };

  const writeLegend = () => {
    const { swatch } = siteopt;
    const row = (name, mark) => siteopt.legendRow(layers[name], mark, `legend.${name}`);
    const site = (kind, sign, key) => node("label", {}, node("span", { class: `swatch mark-site ${kind}` }, sign), text(key));
    const choice = node("select", { id: "shown", onchange: (event) => siteopt.showPlan(event.target.value) },
      node("option", { value: "" }, text("legend.every_plan")),
      siteopt.data.plans.map(({ id, title }) => node("option", { value: id }, siteopt.one(title))));
    choice.value = plan;
    const line = (style) => swatch(`border-top:${style}`, "line");
    document.getElementById("legend-rows").replaceChildren(...[
      node("label", { for: "shown" }, text("legend.shown")), choice,
      site("every", String(siteopt.data.solved), "legend.no_regret"), site("most", "n", "legend.most"), site("some", "n", "legend.some"), site("robust", "＋", "legend.robust"),
      node("p", { class: "head" }, text("legend.head_base")),
      row("sites", swatch("width:9px;height:9px;background:#2f6fb0", "dot")),
      row("stations", swatch("width:6px;height:6px;border:1.5px solid #1565c0;background:#fff", "dot")),
      row("rivers", line(`2px solid ${siteopt.colours.river}`)), row("districts", line("1px solid #8a949e")), row("labels", swatch("width:18px", "none")),
    ].filter(Boolean));
  };
})();
