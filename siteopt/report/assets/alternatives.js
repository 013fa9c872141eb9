// @ts-check
"use strict";
// Other plans close to the best cost, in how many of them a site is, and trade-off curves.
(() => {
  const WIDTH = 320;
  const HEIGHT = 190;
  const COUNTED = { must: "further.must", some: "further.some", none: "further.none_of", open: "further.open_of" };
  const RING = "#0b7a75"; // as .show-plan
  const EDGE = { left: 62, right: 14, top: 12, bottom: 40 };
  const { node, text, drawing: svg } = siteopt;

  siteopt.readFurther = (further) => {
    if (further) for (const level of further.levels) siteopt.unpackLater(level, ["1"]);
  };
  const percents = (levels) => levels.map((pct) => siteopt.number(pct, Number.isInteger(pct) ? 0 : 1)).join(siteopt.language === "ko" ? "·" : ", ");

  // Levels at which a site has the same status are listed together: 1·2 % 이내 …, 5 % 이내 ….
  siteopt.levelsOf = (row) => {
    const { further } = siteopt.data;
    if (!further || siteopt.isImpossible(row)) return null;
    const groups = new Map();
    for (const [pct, words] of further.levels) {
      if (words[row] === null) continue;
      groups.set(words[row], [...(groups.get(words[row]) || []), pct]);
    }
    if (!groups.size) return null;
    return node("ul", { class: "levels" }, [...groups].map(([word, levels]) =>
      node("li", { class: word, title: text(`level.${word}_hint`) }, text(`level.${word}`, { pct: percents(levels) }))));
  };

  const siteButton = (id, label, kind) => {
    const row = siteopt.rows.get(id);
    if (row === undefined) return node("span", { class: kind }, id);
    return node("button", { type: "button", class: `link ${kind}`, title: text("site.show"), onclick: () => siteopt.open(row) }, siteopt.siteName(row), label ? ` ${label}` : null);
  };

  // The sites of one plan as rings on the map, until another one is chosen, or none.
  let ringed = null;
  siteopt.rings = L.layerGroup();
  const showText = (place) => text(place === ringed ? "further.hide" : "further.show");
  const drawRings = () => {
    siteopt.rings.clearLayers();
    if (ringed === null) return;
    const { lat, lon } = siteopt.data.sites;
    for (const [id, mw] of siteopt.data.further.plans[ringed].sites) {
      const row = siteopt.rows.get(id);
      if (row === undefined) continue;
      const ring = L.circleMarker([lat[row], lon[row]], { renderer: siteopt.pointRenderer, radius: 15, weight: 3, color: RING, fillOpacity: 0.12, bubblingMouseEvents: false });
      ring.bindTooltip(() => `${siteopt.siteName(row)} ${siteopt.number(mw)} MW`).on("click", () => siteopt.open(row, false)).addTo(siteopt.rings);
    }
    siteopt.rings.addTo(siteopt.map);
    const places = /** @type {L.CircleMarker[]} */ (siteopt.rings.getLayers()).map((ring) => ring.getLatLng());
    if (places.length && !siteopt.map.getBounds().contains(L.latLngBounds(places))) siteopt.map.fitBounds(L.latLngBounds(places).pad(0.15));
  };
  const showPlan = (place) => {
    ringed = place === ringed ? null : place;
    drawRings();
    document.querySelectorAll(".show-plan").forEach((button, one) => {
      button.setAttribute("aria-pressed", String(one === ringed));
      button.textContent = showText(one);
    });
  };
  const kilometres = (km) => (km < 10 ? siteopt.number(km, 1) : siteopt.number(km));
  const distinctBy = () => text(`further.by_${siteopt.data.further.distinct_by}`);
  // A site that is not of the chosen plan, but near one that is.
  const placeText = ({ same, station, district, km }) => {
    if (same) return text("further.same");
    const shared = [station && "further.same_station", district && "further.same_district"].filter(Boolean).map((key) => text(key));
    return [text("further.site_km", { km: kilometres(km) }), ...shared].join(" · ");
  };
  const planBlock = (plan, place) => {
    const extra = text("further.extra", { cost: siteopt.worth(plan.extra), pct: siteopt.number(plan.extra_pct, 2) });
    return node("section", { class: "other-plan" },
      node("h3", {}, text("further.plan", { pct: percents(plan.within), n: plan.plan })),
      node("p", {}, extra),
      node("p", {}, text("further.shared", { all: plan.sites.length, sites: plan.shared, stations: plan.shared_stations, districts: plan.shared_districts })),
      node("p", {}, text("further.apart", { km: kilometres(plan.nearest_km), median: kilometres(plan.nearest_median_km) })),
      node("p", { class: "hint" }, text(plan.proven ? "further.proven" : "further.open", { by: distinctBy() })),
      node("button", { type: "button", class: "show-plan", "aria-pressed": String(place === ringed), onclick: () => showPlan(place) }, showText(place)),
      node("ul", { class: "plan-sites" }, plan.sites.map(([id, mw, near]) =>
        node("li", {}, siteButton(id, `${siteopt.number(mw)} MW`, near.same ? "same" : "new"), node("small", {}, ` ${placeText(near)}`)))));
  };

  // How far apart the plans are: what they cost more, what they share with the best, how far off they lie.
  const overview = (plans) => {
    if (!plans.length) return null;
    const share = (n, plan) => `${n} / ${plan.sites.length}`;
    const heads = ["further.alternative", "further.axis_table", "further.common_sites", "further.common_districts", "further.distance"];
    return node("table", { class: "limits plans" }, node("caption", {}, text("further.overview")),
      node("thead", {}, node("tr", {}, heads.map((key) => node("th", { scope: "col" }, text(key))))),
      node("tbody", {}, plans.map((plan) => node("tr", {}, node("th", { scope: "row" }, text("further.nth", { n: plan.plan, pct: percents(plan.within) })),
        node("td", {}, `+${siteopt.number(plan.extra_pct, 2)}%`), [plan.shared, plan.shared_districts].map((n) => node("td", {}, share(n, plan))),
        node("td", {}, text("further.km_range", { least: kilometres(plan.nearest_km), median: kilometres(plan.nearest_median_km) }))))));
  };

  // Five ticks at most at round figures between two.
  const ticks = (low, high) => {
    const rough = Math.max(high - low, 1e-12) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough);
    const found = [];
    for (let value = Math.ceil(low / step - 1e-9) * step + 0; value <= high + step * 1e-9; value += step) found.push(value);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return found.map((value) => [value, siteopt.number(value, digits)]);
  };
  const figureText = (curve, figure) => (curve.unit === "bn_krw" ? siteopt.money(figure) : `${siteopt.figure(figure)} ${siteopt.word("measure_unit.", curve.unit)}`);
  const drawn = (curve, figure) => (curve.unit === "bn_krw" ? figure * costUnit() : figure);
  const costUnit = () => (siteopt.language === "ko" ? 10 : 1); // 억 won in a billion

  const chart = (curve) => {
    const best = siteopt.data.plan.cost_bn_krw;
    const points = curve.points.map((point) => ({ ...point, x: drawn(curve, point.figure), y: Math.max(0, (point.cost - best) * costUnit()) }));
    const span = (values) => [Math.min(...values), Math.max(...values)];
    const [left, right] = span(points.map(({ x }) => x));
    const top = Math.max(...points.map(({ y }) => y)) || 1;
    const wide = right - left || Math.abs(right) || 1;
    const x = (value) => EDGE.left + 8 + ((value - left) / wide) * (WIDTH - EDGE.left - EDGE.right - 16);
    const y = (value) => HEIGHT - EDGE.bottom - (value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
    const floor = HEIGHT - EDGE.bottom;
    const across = ticks(left, right).map(([value, label]) => [
      svg("line", { x1: x(value), x2: x(value), y1: floor, y2: floor + 4, class: "axis" }),
      svg("text", { x: x(value), y: floor + 16, "text-anchor": "middle" }, label)]);
    const up = ticks(0, top).map(([value, label]) => [
      svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: EDGE.left - 5, y: y(value) + 4, "text-anchor": "end" }, label)]);
    const sorted = [...points].sort((a, b) => a.x - b.x);
    const marks = points.map((point) => svg("circle", { cx: x(point.x), cy: y(point.y), r: 4.5, class: point.proven ? "proven" : "open" },
      svg("title", {}, `${figureText(curve, point.figure)}, +${siteopt.money(Math.max(0, point.cost - best))}`)));
    const name = siteopt.word("measure.", curve.measure);
    const unit = siteopt.word("measure_unit.", curve.unit);
    return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "curve", role: "img", "aria-label": text("further.curve", { measure: name }) },
      up, across, svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: floor, y2: floor, class: "axis" }),
      svg("polyline", { points: sorted.map((point) => `${x(point.x)},${y(point.y)}`).join(" "), class: "between" }), marks,
      svg("text", { x: (EDGE.left + WIDTH - EDGE.right) / 2, y: HEIGHT - 6, "text-anchor": "middle", class: "title" }, unit ? `${name} (${unit})` : name),
      svg("text", { transform: `translate(12 ${(EDGE.top + floor) / 2}) rotate(-90)`, "text-anchor": "middle", class: "title" }, text("further.axis")));
  };
  const curveBlock = (curve) => {
    const best = siteopt.data.plan.cost_bn_krw;
    const name = siteopt.word("measure.", curve.measure);
    if (curve.points.length < 2) {
      return node("section", { class: "tradeoff" }, node("h3", {}, text("further.curve", { measure: name })),
        node("p", { class: "hint" }, text(curve.points[0].proven ? "further.flat" : "further.flat_open", { measure: name, figure: figureText(curve, curve.points[0].figure) })));
    }
    return node("section", { class: "tradeoff" }, node("h3", {}, text("further.curve", { measure: name })), chart(curve),
      node("table", { class: "limits" }, node("thead", {}, node("tr", {}, node("th", { scope: "col" }, name),
        node("th", { scope: "col" }, text("further.axis_table")), node("th", { scope: "col" }, text("further.kept")))),
      node("tbody", {}, curve.points.map((point) => {
        const kept = point.sites.filter((id) => siteopt.data.plan.chosen.includes(id)).length;
        return node("tr", {}, node("th", { scope: "row" }, figureText(curve, point.figure), point.proven ? null : node("em", {}, ` ${text("further.unproven")}`)),
          node("td", {}, siteopt.money(Math.max(0, point.cost - best))), node("td", {}, `${kept} / ${point.sites.length}`));
      }))));
  };

  siteopt.alternativesPage = () => {
    const { further } = siteopt.data;
    if (!further) return node("div", {}, node("p", { class: "hint" }, text("further.none")));
    const counted = further.levels.map(([pct, words]) => {
      const count = (word) => words.filter((one) => one === word).length;
      return node("tr", {}, node("th", { scope: "row" }, text("further.level", { pct: percents([pct]) })),
        Object.keys(COUNTED).map((word) => node("td", { title: text(`level.${word}_hint`) }, siteopt.number(count(word)))));
    });
    return node("div", {}, node("p", { class: "hint" }, text("further.intro", { by: distinctBy() })), overview(further.plans), further.plans.map(planBlock),
      counted.length ? [node("h3", {}, text("further.levels")), node("p", { class: "hint" }, text("further.levels_hint")),
        node("table", { class: "limits" }, node("thead", {}, node("tr", {}, node("td", {}), Object.keys(COUNTED).map((word) =>
          node("th", { scope: "col", title: text(`level.${word}_hint`) }, text(COUNTED[word]))))), node("tbody", {}, counted))] : null,
      further.curves.length ? node("p", { class: "hint" }, text("further.curves_hint")) : null, further.curves.map(curveBlock));
  };
})();
