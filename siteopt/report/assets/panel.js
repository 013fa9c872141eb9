// @ts-check
"use strict";
// The list beside the map: chosen sites, ranking, limits, land, sources.
(() => {
  const TABS = ["summary", "chosen", "ranking", "places", "compare", "weights", "robustness", "assumptions", "alternatives", "limits", "grid", "energy", "land", "shown", "sources"];
  // By what the run must have.
  const OPTIONAL = { weights: "suitability", energy: "energy", robustness: "robustness" };
  const there = (name) => (name === "places" ? siteopt.data.places.named.length > 0 : !OPTIONAL[name] || siteopt.data[OPTIONAL[name]]);
  const { node, text } = siteopt;

  siteopt.writePanel = () => {
    siteopt.writeTabs(TABS.filter(there), {
    summary: siteopt.summaryPage, chosen: chosenPage, ranking: siteopt.rankingPage, places: siteopt.namedPage, compare: siteopt.comparePage,
    weights: siteopt.weightsPage, robustness: siteopt.robustnessPage, assumptions: siteopt.assumptionsPage, alternatives: siteopt.alternativesPage,
    limits: limitsPage, grid: siteopt.gridPage, energy: siteopt.energyPage, land: landPage, shown: siteopt.shownPage, sources: siteopt.sourcesPage,
    });
  };

  const item = (row) => {
    const { sites } = siteopt.data;
    const chosen = siteopt.isChosen.has(row);
    const place = siteopt.provinceName(sites.province_code[row]);
    const phases = siteopt.phases(row);
    const about = [place, sites.it_mw[row] === null ? null : `IT ${siteopt.number(sites.it_mw[row])} MW`,
      sites.voltage_kv[row] === null ? null : `${sites.voltage_kv[row]} kV`].filter(Boolean).join(" · ");
    return node("li", { class: chosen ? "chosen" : "" }, node("button", { type: "button", class: "site", title: text("site.show"), "data-site": sites.site_id[row], onclick: () => siteopt.open(row) },
      node("span", { class: `number${chosen ? " chosen" : ""}${siteopt.isRange(row) ? " range" : ""}`, title: siteopt.rankHint(row) }, siteopt.rankMark(row)),
      node("span", { class: "about" }, node("b", {}, siteopt.siteName(row)), node("small", {}, about),
        phases ? node("small", { class: "phases" }, phases) : null,
        siteopt.data.robustness ? node("small", { class: "certainty" }, siteopt.classBadge(row), " ", siteopt.inPlanText(row)) : null,
        node("small", { class: "worth" }, siteopt.isImpossible(row) ? siteopt.valueText(row) : `${text(chosen ? "site.value_chosen" : "site.value_other")} ${siteopt.valueText(row)}`))));
  };

  const chosenPage = () => {
    const { sites } = siteopt.data;
    const shares = new Map();
    for (const row of siteopt.chosen) {
      const code = sites.province_code[row];
      if (siteopt.runs(row)) shares.set(code, (shares.get(code) || 0) + siteopt.mwNow(row));
    }
    const total = [...shares.values()].reduce((sum, mw) => sum + mw, 0);
    const lines = [...shares].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    return node("div", {}, siteopt.each ? [siteopt.yearChart(), siteopt.yearTable(), node("p", { class: "hint" }, text("years.capital_hint"))] : null,
      siteopt.data.energy ? node("p", { class: "clean-portfolio" }, siteopt.cleanPortfolioText()) : null,
      siteopt.data.robustness ? node("p", { class: "lead" }, siteopt.certaintyText(), " ", siteopt.committedText()) : null,
      node("p", { class: "hint" }, text("list.chosen_intro")),
      node("ol", { class: "sites" }, siteopt.chosen.map(item)),
      node("h3", {}, siteopt.each ? text("years.province_share", { year: siteopt.year() }) : text("list.province_share")),
      node("table", { class: "bars" }, node("tbody", {}, lines.map(([code, mw]) => node("tr", {},
        node("th", { scope: "row" }, siteopt.provinceName(code)),
        node("td", { class: "bar" }, node("i", { style: `width:${((mw / lines[0][1]) * 100).toFixed(1)}%` })),
        node("td", { class: "amount" }, `${siteopt.number(mw)} MW (${siteopt.number((mw / total) * 100, 1)}%)`))))));
  };

  // A limit by its subject and level; those without a scope have a text of their own.
  const limitName = (limit) => {
    const { family, scope, subject, voltage_kv: kv } = limit;
    if (family === "flows") return siteopt.flowName(limit);
    if (family === "target") return text("limits.target");
    if (family === "budget") return text(limit.year ? "limits.budget_year" : "limits.budget");
    if (!scope) return family === "provinces" ? text("limits.count") : limit.limit;
    const name = limit.name ? siteopt.one(limit.name) : siteopt.placeName(scope, subject);
    if (family === "diversity") return text(`limits.share_${scope}`, { [scope]: name });
    if (kv) return `${name} ${kv}\u00a0kV`;
    return family === "stations" && scope === "station" ? text("limits.whole", { station: name }) : name;
  };
  const limitBounds = (limit) => [[limit.at_least, "at_least"], [limit.at_most, "at_most"]]
    .filter(([bound, side]) => bound !== null && !(side === "at_least" && bound <= 0))
    .map(([bound, side]) => siteopt.language === "ko" ? `${amount(limit, bound)} ${text(`limits.${side}`)}`
      : `${text(`limits.${side}`)} ${amount(limit, bound)}`).join(", ") || text("limits.free");
  const amount = (limit, value) => (limit.unit === "bn_krw" ? siteopt.money(value) : siteopt.figure(value));

  const limitsPage = () => {
    const families = new Map();
    for (const limit of siteopt.data.plan.limits.filter((one) => siteopt.holdsIn(one, siteopt.year()))) {
      if (!families.has(limit.family)) families.set(limit.family, []);
      families.get(limit.family).push(limit);
    }
    const blocks = [...families].map(([family, limits]) => {
      const shown = limits.filter((limit) => limit.room || limit.used > 0);
      const unit = limits[0].unit === "bn_krw" ? "" : ` (${siteopt.word("unit.", limits[0].unit)})`;
      return node("table", { class: "limits" }, node("caption", {}, siteopt.word("family.", family)),
        node("thead", {}, node("tr", {}, node("td", {}), node("th", { scope: "col" }, `${text("limits.used")}${unit}`), node("th", { scope: "col" }, text("limits.bound")))),
        node("tbody", {}, shown.map((limit) => node("tr", { class: limit.room === "full" ? "binds" : limit.room },
          node("th", { scope: "row" }, limitName(limit)), node("td", {}, amount(limit, limit.used)),
          node("td", {}, limitBounds(limit), limit.room ? node("em", {}, ` ${text(limit.room === "full" ? "limits.binds" : `limits.${limit.room}`)}`) : null)))),
        family === "flows" ? node("tfoot", {}, node("tr", {}, node("td", { colspan: 3, class: "note" }, text("limits.flows_note")))) : null);
    });
    return node("div", {}, node("p", { class: "hint" }, text("limits.intro"), siteopt.each ? ` ${text("years.limits_of", { year: siteopt.year() })}` : null), blocks);
  };

  const command = (words) => node("code", { lang: "en" }, words);
  const landBasis = () => {
    const { sentences, commands } = siteopt.data.land_basis;
    if (!sentences.length) return null;
    return node("div", { class: "lead basis" }, sentences.map((sentence) => node("p", {}, siteopt.one(sentence))),
      commands.length ? node("details", {}, node("summary", {}, text("land.obtain")), node("p", { class: "hint" }, text("land.obtain_hint")),
        node("ul", {}, commands.map((one) => node("li", {}, siteopt.one(one.brings), command(one.command)))), command(`siteopt run ${siteopt.data.scenario.name} --data layers`)) : null);
  };

  const landPage = () => {
    const { land_km2: land, eligible_km2: eligible } = siteopt.data.plan;
    const figures = { land: siteopt.number(land), eligible: siteopt.number(eligible), pct: siteopt.number((eligible / land) * 100, 1) };
    return node("div", {}, node("p", { class: "hint" }, text("land.intro", figures)), landBasis(),
      node("table", { class: "limits" },
        node("thead", {}, node("tr", {}, node("th", { scope: "col" }, text("land.reason")), node("th", { scope: "col" }, `${text("land.area")} (${text("unit.km2")})`),
          node("th", { scope: "col", title: text("land.only_hint") }, `${text("land.only")} (${text("unit.km2")})`))),
        node("tbody", {}, siteopt.data.reasons.map((reason) => node("tr", {}, node("th", { scope: "row" }, siteopt.one(reason.title), node("small", {}, `${text("land.rule")}: ${siteopt.one(reason.rule)}`)),
          node("td", {}, siteopt.number(reason.area_km2)), node("td", {}, siteopt.number(reason.only_km2)))))),
      node("p", { class: "hint" }, text("land.note")));
  };
})();
