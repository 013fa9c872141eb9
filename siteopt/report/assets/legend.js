// @ts-check
"use strict";
// The legend: what each sign means, and the switch of its layer.
(() => {
  const { node, text } = siteopt;
  siteopt.writeLegend = () => {
    const { map, layers } = siteopt;
    const swatch = (style, kind = "box") => node("span", { class: `swatch ${kind}`, style });
    const row = (name, mark, label) => {
      if (!layers[name]) return null;
      const box = node("input", { type: "checkbox", onchange: (event) => {
        if (event.target.checked) layers[name].addTo(map);
        else layers[name].remove();
        siteopt.layersChanged();
      } });
      box.checked = map.hasLayer(layers[name]);
      return node("label", {}, box, mark, label);
    };
    const head = (key) => node("p", { class: "head" }, text(key));
    const rgb = (colour) => `background:rgba(${colour.slice(0, 3)},${(colour[3] / 255).toFixed(2)})`;
    const busSwatch = (colour, radius) => swatch(`border:1.2px solid ${colour};background:${colour}47;width:${2 * radius}px;height:${2 * radius}px`, "dot");
    const bands = siteopt.bands.map(({ last, colour, rim, radius, shape }, place) => {
      const label = bandLabel(place, last);
      const mark = shape ? node("span", { class: "swatch cross", style: `color:${colour}` }, "×") : swatch(`background:${colour};border:1px solid ${rim};width:${2 * radius - 1}px;height:${2 * radius - 1}px;margin:0 ${8.5 - radius}px`, "dot");
      return row(`band ${place}`, mark, label);
    });
    const lineRows = Object.keys(siteopt.data.base.lines || {}).sort((a, b) => (Number(b) || 0) - (Number(a) || 0)).map((kv) => {
      const [colour, weight] = siteopt.lineStyle(kv);
      return row(`line ${kv}`, swatch(`border-top:${Math.max(1.5, weight)}px solid ${colour}`, "line"), text(kv === "dc" ? "legend.dc_line" : [154, 345, 765].includes(Number(kv)) ? "legend.line" : "legend.other_line", { kv }));
    });
    document.getElementById("legend-rows").replaceChildren(...[
      row("chosen", node("span", { class: "swatch chosen-mark" }, "1"), text("legend.chosen")),
      siteopt.each && node("p", { class: "below" }, node("span", { class: "swatch chosen-mark later" }), text("legend.not_yet")),
      siteopt.data.robustness && node("p", { class: "below" }, node("span", { class: "swatch ringed" }), text("legend.competitive")),
      row("connections", swatch(`border-top:3px solid ${siteopt.chosenColour}`, "line"), text("legend.connection")),
      layers.connections && siteopt.data.campuses && node("p", { class: "below" }, swatch(`border-top:1px dashed ${siteopt.chosenColour}`, "line"), text("legend.campus")),
      layers.connections && node("p", { class: "below" }, swatch(`border-top:4px dotted ${siteopt.chosenColour}`, "line"), text("legend.connection_ug")),
      head("legend.sites"), ...bands, siteopt.firstRange() && node("p", { class: "below note" }, text("legend.rank_note", { n: siteopt.number(siteopt.firstRange()) })), head("legend.head_land"),
      row("eligible", swatch(rgb(siteopt.colours.eligible)), text("legend.eligible")),
      excludedChoice(swatch(rgb(siteopt.colours.excluded))),
      head("legend.head_grid"), ...lineRows,
      row("stations", swatch("border:1.5px solid #1565c0;background:#fff;width:6px;height:6px;margin:0 4.5px", "dot"), text("legend.stations")),
      ...[["hosting", "legend.hosting"], ["held", "legend.held"]].map(([name, key]) => layers[name] && row(name, busSwatch(siteopt.busColours[name], 5), text(key, { snapshot: siteopt.snapshotName(layers[name].snapshot) }))),
      (layers.hosting || layers.held) && node("p", { class: "below sizes" }, text("legend.bus_size"), siteopt.busSizes.map(({ mw, radius }) =>
        node("span", {}, busSwatch("#55606b", radius), siteopt.number(mw)))),
      row("clean", swatch("background:linear-gradient(90deg,#2c7bb6,#ffffbf,#d7191c);border:1px solid #37424d"), text("legend.clean")),
      layers.clean && siteopt.cleanKey(map.hasLayer(layers.clean)),
      head("legend.head_base"),
      row("rivers", swatch(`border-top:2px solid ${siteopt.colours.river}`, "line"), text("legend.rivers")),
      row("expressways", swatch("border-top:2px solid #a97f35", "line"), text("legend.expressways")),
      row("districts", swatch("border-top:1px solid #8a949e", "line"), text("legend.districts")),
      row("labels", swatch("width:18px", "none"), text("legend.labels")),
      node("p", { class: "hint" }, text("legend.scale_note")),
    ].filter(Boolean));
  };
  const bandLabel = (place, last) => {
    if (last === undefined) return text("legend.impossible");
    if (place === 0) return text("legend.band_first", { b: last });
    const a = siteopt.number(siteopt.bands[place - 1].last + 1);
    if (last === Infinity) return text("legend.band_last", { a });
    return text(siteopt.bands[place].nearer ? "legend.band_near" : "legend.band", { a, b: siteopt.number(last) });
  };
  const excludedChoice = (mark) => {
    const choices = [["none", text("legend.excluded_none")], ["all", text("legend.excluded_all")],
      ...siteopt.data.reasons.map((reason, bit) => [String(bit), siteopt.one(reason.title)])];
    const select = node("select", { id: "excluded", onchange: (event) => { siteopt.showExcluded(event.target.value); siteopt.layersChanged(); } },
      choices.map(([value, label]) => node("option", { value, selected: value === siteopt.excluded }, label)));
    return node("label", { class: "choice" }, mark, node("span", {}, text("legend.excluded")), select);
  };
  let excludedLayer = null;
  siteopt.excluded = "none";
  siteopt.showExcluded = (choice) => {
    siteopt.excluded = choice;
    if (excludedLayer) excludedLayer.remove();
    excludedLayer = null;
    if (choice === "none" || !siteopt.cells) return;
    const wanted = choice === "all" ? (mask) => mask !== 0 : (mask) => (mask & (1 << Number(choice))) !== 0;
    excludedLayer = siteopt.landLayer(wanted, siteopt.colours.excluded).addTo(siteopt.map);
  };

  const bandNames = () => siteopt.bands.map((one, place) => `band ${place}`).filter((name) => siteopt.layers[name]);
  // Layers that are on the map at first, the lowest first.
  siteopt.drawnFirst = () => ["districts", "rivers", ...Object.keys(siteopt.layers).filter((name) => name.startsWith("line ")),
    "stations", "labels", "connections", ...bandNames().reverse(), "chosen"].filter((name) => siteopt.layers[name]);
  const isFirst = (name) => name === "eligible" || siteopt.drawnFirst().includes(name);
  // Names of layers as an address has them, and what of them differs from the first view.
  const signed = (name) => name.replace(" ", "-");
  siteopt.layerNamed = (sign) => Object.keys(siteopt.layers || {}).find((name) => signed(name) === sign);
  siteopt.layersOtherwise = () => {
    const names = Object.keys(siteopt.layers);
    const here = (name) => siteopt.map.hasLayer(siteopt.layers[name]);
    return { on: names.filter((name) => here(name) && !isFirst(name)).map(signed), off: names.filter((name) => !here(name) && isFirst(name)).map(signed) };
  };
  siteopt.switchLayers = ({ on = [], off = [], excluded = "none" }) => {
    for (const [name, layer] of Object.entries(siteopt.layers)) {
      const wanted = on.includes(signed(name)) || (isFirst(name) && !off.includes(signed(name)));
      if (wanted !== siteopt.map.hasLayer(layer)) layer[wanted ? "addTo" : "remove"](siteopt.map);
    }
    if (excluded !== siteopt.excluded) siteopt.showExcluded(excluded);
    siteopt.writeLegend();
  };
})();
