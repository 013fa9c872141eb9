// @ts-check
"use strict";
// Suitability with other weights of the criteria: the sites are scored again, no plan is solved.
(() => {
  const TOP = 20; // of the list
  const RINGED = 50; // on the map
  const COLOUR = "#c2570c";
  const FULL = 100;
  const SAME = 1e-9; // of weights
  const { node, text } = siteopt;
  let criteria = [];
  let own = null; // weights as the sliders have them, by criterion; null: those of the run
  let scores = null; // of the sites with these weights
  let marked = false;
  const rings = L.layerGroup();

  siteopt.readSuitability = (read) => {
    if (!read) return;
    siteopt.unpackLater(read.scores);
    criteria = Object.keys(read.weights);
  };
  const run = () => siteopt.data.suitability.weights;
  const shares = () => {
    if (!own) return run();
    const total = criteria.reduce((sum, name) => sum + own[name], 0);
    return Object.fromEntries(criteria.map((name) => [name, total > 0 ? own[name] / total : 0]));
  };
  // Weighted mean of the scores of the criteria, as `score_sites` in scoring.py.
  const scored = () => {
    const weights = shares();
    const columns = siteopt.data.suitability.scores;
    scores = siteopt.data.sites.site_id.map((id, row) => {
      let sum = 0;
      for (const name of criteria) {
        if (columns[name][row] === null) return null;
        sum += weights[name] * columns[name][row];
      }
      return Math.min(1, Math.max(0, sum));
    });
  };
  siteopt.reweighted = (row) => {
    if (!scores) scored();
    return scores[row];
  };
  siteopt.isReweighted = () => Boolean(own) && criteria.some((name) => Math.abs(shares()[name] - run()[name]) > SAME);
  // Sites by suitability, best first; those that are equal in the order of the ranking.
  const order = () => siteopt.data.sites.site_id.map((id, row) => row).filter((row) => siteopt.reweighted(row) !== null)
    .sort((a, b) => siteopt.reweighted(b) - siteopt.reweighted(a) || a - b);
  siteopt.suitabilityOrder = order;

  // In the address: whole percents where the weights are not those of the run.
  siteopt.weightsPart = () => (siteopt.isReweighted() ? criteria.map((name) => `${name}:${Number(own[name].toFixed(1))}`).join(",") : null);
  siteopt.parseWeights = (said) => {
    if (!siteopt.data.suitability) return undefined;
    const found = Object.fromEntries(criteria.map((name) => [name, 0]));
    for (const part of said.split(",")) {
      const [name, value] = part.split(":");
      if (!Object.hasOwn(found, name) || !/^\d{1,3}(\.\d)?$/.test(value || "") || Number(value) > FULL) return undefined;
      found[name] = Number(value);
    }
    return Object.values(found).some((value) => value > 0) ? found : undefined;
  };
  siteopt.weigh = (weights) => {
    own = weights;
    scores = null;
    siteopt.writePage("weights");
    siteopt.writePage("ranking");
    draw();
  };

  const draw = () => {
    rings.clearLayers();
    if (!marked) return;
    const { lat, lon } = siteopt.data.sites;
    order().slice(0, RINGED).forEach((row, at) => {
      const dot = L.circleMarker([lat[row], lon[row]], { renderer: siteopt.pointRenderer, radius: 7, weight: 2.5, color: COLOUR, fillColor: "#ffffff", fillOpacity: 0.15, bubblingMouseEvents: false });
      dot.bindTooltip(() => text("weights.tooltip", { n: at + 1, name: siteopt.siteName(row), score: siteopt.number(siteopt.reweighted(row), 3) })).on("click", () => siteopt.open(row, false)).addTo(rings);
    });
    rings.addTo(siteopt.map);
  };

  siteopt.weightsPage = () => {
    const start = own || Object.fromEntries(criteria.map((name) => [name, run()[name] * FULL]));
    const result = node("div", {});
    const told = new Map();
    const update = (linked = true) => {
      scores = null;
      for (const [name, output] of told) output.textContent = `${siteopt.number(shares()[name] * FULL, 1)}%`;
      result.replaceChildren(...results());
      if (!linked) return;
      draw();
      siteopt.writeLink();
    };
    const slider = (name) => {
      const input = node("input", { type: "range", min: 0, max: FULL, step: 1, id: `weight-${name}`, oninput: (event) => {
        own = { ...start, ...(own || {}), [name]: Number(event.target.value) };
        if (!criteria.some((one) => own[one] > 0)) own[name] = 1; // one criterion counts
        update();
      }, onchange: () => siteopt.writePage("ranking") });
      input.value = String(start[name]);
      const output = node("output", { for: `weight-${name}` });
      told.set(name, output);
      return node("div", { class: "slider" }, node("label", { for: `weight-${name}` }, siteopt.word("criterion.", name)), input, output);
    };
    const sliders = criteria.map(slider);
    update(false);
    const box = node("input", { type: "checkbox", onchange: (event) => { marked = event.target.checked; draw(); } });
    box.checked = marked;
    return node("div", {},
      node("p", { class: "model-note" }, text("weights.not_solved")),
      node("p", { class: "hint" }, text(siteopt.data.suitability.counts ? "weights.counts" : "weights.cost_only"), " ", text(siteopt.data.suitability.given ? "weights.given" : "weights.equal")),
      node("fieldset", { class: "sliders" }, node("legend", {}, text("weights.legend")), sliders),
      node("p", { class: "over" }, node("button", { type: "button", class: "plain reset", onclick: () => { siteopt.weigh(null); siteopt.writeLink(); } }, text("weights.reset"))),
      node("label", { class: "check" }, box, text("weights.mark", { n: RINGED })),
      result);
  };
  const results = () => {
    const found = order();
    const chosen = siteopt.chosen.length;
    const first = new Set(found.slice(0, chosen));
    const kept = siteopt.chosen.filter((row) => first.has(row)).length;
    const { sites } = siteopt.data;
    const before = [...found].sort((a, b) => sites.suitability[b] - sites.suitability[a] || a - b);
    const was = new Map(before.map((row, at) => [row, at + 1]));
    return [node("p", { class: "lead", role: "status" }, chosen ? text("weights.kept", { n: chosen, kept }) : text("summary.no_site")),
      node("table", { class: "limits weighted" }, node("caption", {}, text("weights.top", { n: Math.min(TOP, found.length) })),
        node("thead", {}, node("tr", {}, ["weights.place", "table.name", "weights.score", "weights.before"].map((key) => node("th", { scope: "col" }, text(key))))),
        node("tbody", {}, found.slice(0, TOP).map((row, at) => node("tr", { class: siteopt.isChosen.has(row) ? "chosen" : null },
          node("td", {}, siteopt.number(at + 1)),
          node("th", { scope: "row" }, node("button", { type: "button", class: "link", onclick: () => siteopt.openSite(row) }, siteopt.siteName(row)), siteopt.isChosen.has(row) ? node("small", {}, text("table.state_chosen")) : null),
          node("td", {}, siteopt.reweighted(row).toFixed(3)), node("td", {}, siteopt.number(was.get(row))))))),
      node("p", { class: "hint" }, text("weights.note"))];
  };
})();
