// @ts-check
"use strict";
// How sure the answer is: what stays over all draws, what decides, what would overturn a site.
(() => {
  const { node, text } = siteopt;
  let found = null;
  const known = () => found;
  siteopt.readRobustness = (read) => {
    found = read;
    if (!found) return;
    for (const name of ["class", "in_plan_pct", "low_pct", "high_pct"]) found[name] = siteopt.column(found[name]);
  };
  const LEVELS = ["district", "station", "province"];
  const SHARE = 100;

  // Class of a site in words, "" where nothing was drawn.
  siteopt.classText = (row) => (known() ? text(`class.${known().class[row]}`) : "");
  siteopt.classBadge = (row) => {
    if (!known()) return null;
    return node("span", { class: `badge class-${known().class[row]}`, title: text(`class.${known().class[row]}_hint`, { pct: siteopt.number(known().draws.robust_pct) }) }, siteopt.classText(row));
  };
  // Probability to be in the plan with its interval.
  siteopt.inPlanText = (row) => {
    if (!known()) return null;
    const { in_plan_pct: share, low_pct: low, high_pct: high } = known();
    return text("robustness.in_plan", { pct: siteopt.number(share[row]), low: siteopt.number(low[row]), high: siteopt.number(high[row]) });
  };

  // The text of the page that holds where assumptions were drawn, by that which holds where not.
  siteopt.drawn = (key) => (known() && key === "page.notice" ? "page.notice_drawn" : key);
  // Whether some draw has a site that the plan has not: its mark has a ring.
  siteopt.isContested = (row) => Boolean(known()) && ["competitive", "robust"].includes(known().class[row]);

  const title = (input) => siteopt.one(known().titles[input] || [input, input]);
  const UNITS = [["bn KRW", "십억 원"], ["M KRW", "백만 원"], ["KRW", "원"], ["electors", "명"], ["degree", "도"], ["year", "년"], ["m2", "㎡"], ["m3", "㎥"]];
  siteopt.unitWords = (unit) => (siteopt.language === "ko" ? UNITS.reduce((said, [en, ko]) => said.replace(en, ko), unit) : unit);
  const quantity = (value, unit) => `${siteopt.figure(value)}${unit && unit !== "-" ? ` ${siteopt.unitWords(unit)}` : ""}`;
  const changeText = (line) => {
    const [change, input, , value, threshold, unit, share, verified] = line;
    return text(`robustness.${change}`, { input: title(input), from: quantity(value, unit), to: quantity(threshold, unit), pct: siteopt.number(share) })
      + (verified === true ? text("robustness.verified") : verified === false ? text("robustness.not_verified") : "");
  };
  siteopt.changeText = changeText;
  // What would take a site out of the plan, or in; null where nothing in the ranges does.
  siteopt.overturnOf = (row) => {
    if (!known()) return null;
    const lines = known().overturn.filter(([site]) => site === row).map(([, ...line]) => line);
    if (!lines.length && !siteopt.isChosen.has(row)) return null;
    return [node("h3", {}, text("robustness.overturn")),
      lines.length ? node("ul", { class: "overturn" }, lines.map((line) => node("li", {}, changeText(line)))) : node("p", { class: "hint" }, text("robustness.nothing_overturns"))];
  };

  const placeName = (level, id) => {
    if (level === "province") return siteopt.provinceName(id);
    if (level === "station") return siteopt.stationName(id);
    const name = siteopt.districtName(id);
    const province = siteopt.provinceName(String(id).slice(0, 2));
    if (!name) return String(id);
    return siteopt.language === "ko" ? `${province} ${name}` : `${name}, ${province}`;
  };
  // The first sentence: what is robust, and at which level of places.
  siteopt.certaintyText = () => {
    const { draws, places } = known();
    const robust = Object.fromEntries(LEVELS.map((level) => [level, places[level].filter(([, , , , , kind]) => kind === "robust")]));
    const names = (level) => robust[level].map(([id]) => placeName(level, id)).join(", ");
    if (robust.district.length) return text("robustness.lead_district", { n: draws.planned, pct: siteopt.number(draws.robust_pct), names: names("district") });
    if (robust.province.length) return text("robustness.lead_province", { n: draws.planned, pct: siteopt.number(draws.robust_pct), names: names("province") });
    return text("robustness.lead_none", { n: draws.planned, pct: siteopt.number(draws.robust_pct) });
  };
  // What committing to the sites of the plan costs, whatever the assumptions turn out to be.
  siteopt.committedText = () => {
    const { committed, best_plan: best } = known().risk;
    if (!committed) return null;
    return text("robustness.committed", { mean: siteopt.money(committed.mean), pct: siteopt.percent(committed.mean / best.mean), p95: siteopt.money(committed.p95) });
  };

  const placesTable = (level) => {
    const rows = known().places[level];
    if (!rows.length) return null;
    return node("table", { class: "bars robust-places" },
      node("caption", {}, text(`robustness.${level}`)),
      node("tbody", {}, rows.map(([id, share, low, high, mw, kind, inRun]) => node("tr", { class: kind === "robust" ? "robust" : "" },
        node("th", { scope: "row" }, placeName(level, id), inRun ? node("small", { title: text("robustness.in_run") }, " ●") : null),
        node("td", { class: "bar" }, node("i", { style: `width:${Math.min(share, SHARE).toFixed(1)}%` })),
        node("td", { class: "amount", title: text("robustness.mean_size", { mw: siteopt.number(mw) }) }, `${siteopt.number(share)}% (${siteopt.number(low)}–${siteopt.number(high)})`)))));
  };
  const influenceTable = (figure) => {
    const rows = known().influence[figure];
    if (!rows.length) return node("p", { class: "hint" }, text("robustness.no_influence"));
    return node("table", { class: "bars" }, node("tbody", {}, rows.map(([input, share, wide, sign]) => node("tr", {},
      node("th", { scope: "row" }, title(input)),
      node("td", { class: "bar" }, node("i", { style: `width:${(Math.min(share, 1) * SHARE).toFixed(1)}%` })),
      node("td", { class: "amount" }, `${siteopt.number(share * SHARE)} ±${siteopt.number(wide * SHARE)}% ${sign > 0 ? "↑" : "↓"}`)))));
  };
  const costText = () => {
    const { best_plan: best } = known().risk;
    return text("robustness.cost", { low: siteopt.money(best.p5), high: siteopt.money(best.p95), cvar: siteopt.money(best.cvar95) });
  };
  const overturnTable = () => {
    const lines = known().overturn.filter(([row, change]) => change === "drops" && siteopt.isChosen.has(row));
    const first = [...new Set(lines.map(([row]) => row))].map((row) => lines.find(([other]) => other === row));
    if (!first.length) return node("p", { class: "hint" }, text("robustness.nothing_overturns"));
    return node("ul", { class: "overturn" }, first.map(([row, ...line]) => node("li", {},
      node("button", { type: "button", class: "link", onclick: () => siteopt.open(row) }, siteopt.siteName(row)), ": ", changeText(line))));
  };

  // How many sites are of each class, and how many of them the plan has.
  const classTable = () => node("table", { class: "limits" }, node("caption", {}, text("robustness.classes")),
    node("thead", {}, node("tr", {}, node("th", { scope: "col" }, text("table.class")), node("th", { scope: "col" }, text("robustness.all_sites")), node("th", { scope: "col" }, text("table.state_chosen")))),
    node("tbody", {}, ["robust", "competitive", "dominated", "not_possible"].map((kind) => node("tr", { title: text(`class.${kind}_hint`, { pct: siteopt.number(known().draws.robust_pct) }) },
      node("th", { scope: "row" }, text(`class.${kind}`), node("small", {}, text(`class.${kind}_hint`, { pct: siteopt.number(known().draws.robust_pct) }))),
      node("td", {}, siteopt.number(known().class.filter((one) => one === kind).length)),
      node("td", {}, siteopt.number(siteopt.chosen.filter((row) => known().class[row] === kind).length))))));

  siteopt.robustnessPage = () => {
    const { draws, convergence, held, inputs } = known();
    const titles = new Map(siteopt.data.assumptions.parameters.map(([, key, ko, en]) => [key, [ko, en]]));
    const titled = (key) => (titles.has(key) ? siteopt.one(titles.get(key)) : key);
    const last = convergence[convergence.length - 1];
    const half = convergence[1];
    return node("div", {},
      node("p", { class: "lead" }, siteopt.certaintyText()),
      node("p", {}, siteopt.committedText()),
      node("p", {}, costText()),
      node("p", { class: "hint" }, text("robustness.fits", { pct: siteopt.number(draws.fits_pct) })),
      classTable(),
      LEVELS.map(placesTable),
      node("p", { class: "hint" }, text("robustness.places_hint")),
      node("h3", {}, text("robustness.choice_driven")), influenceTable("choice"),
      node("h3", {}, text("robustness.cost_driven")), influenceTable("cost"),
      node("p", { class: "hint" }, text("robustness.influence_hint")),
      node("h3", {}, text("robustness.overturn_plan")), overturnTable(),
      node("p", { class: "hint" }, text("robustness.overturn_hint")),
      node("details", {}, node("summary", {}, text("robustness.how")),
        node("p", {}, text("robustness.how_text", { asked: draws.asked, planned: draws.planned, inputs })),
        node("p", {}, text("robustness.convergence", { half: half.draws, change: siteopt.number(half.largest_change_pct), error: siteopt.money(last.cost_standard_error_bn_krw) })),
        node("p", {}, text("robustness.held", { n: held.length })),
        node("ul", {}, held.map(([key, why]) => node("li", {}, `${titled(key)}: ${siteopt.word("held.", why)}`)))));
  };
})();
