// @ts-check
"use strict";
// The card of a site: rank, value, connection, cost, what limits it, why it is not chosen.
(() => {
  const { node, text } = siteopt;

  // What the plan loses without a chosen site, or with any other forced in.
  const loss = (row) => siteopt.data.sites[siteopt.isChosen.has(row) ? "value" : "regret"][row];
  // What a site is worth, in words: exact, between two bounds, at least a bound, or not at all.
  siteopt.valueText = (row) => {
    const { lower, upper } = siteopt.data.sites;
    const figure = siteopt.verdict("figure", row);
    if (figure === "exact") return siteopt.worth(loss(row));
    if (figure === "zero") return `0 (${text("site.near_zero")})`;
    const bounds = { a: lower[row] === null ? null : siteopt.worth(lower[row]), b: upper[row] === null ? null : siteopt.worth(upper[row]) };
    return text(`site.value_${figure}`, bounds);
  };

  siteopt.card = (row) => {
    const { sites } = siteopt.data;
    const state = siteopt.verdict("state", row);
    const chosen = siteopt.isChosen.has(row);
    const impossible = state === "impossible";
    const reasons = chosen ? "site.limits" : impossible ? "site.why_impossible" : "site.why_not";
    return node("article", { class: "card", "data-site": sites.site_id[row], "data-state": state, "data-rival": sites.site_id[siteopt.rival(row)] || null },
      node("h2", {}, siteopt.siteName(row)),
      node("p", { class: "badges" },
        siteopt.classBadge(row),
        node("span", { class: impossible ? "badge" : "badge rank", title: siteopt.rankHint(row) }, siteopt.rankText(row)),
        impossible ? null : node("span", { class: chosen ? "badge chosen" : "badge" }, text(`state.${state}`))),
      siteopt.data.robustness ? node("p", { class: "certainty" }, siteopt.inPlanText(row)) : null,
      siteopt.compareButton(row),
      impossible ? null : worthBlock(row, chosen ? "site.value_chosen" : "site.value_other"),
      siteopt.levelsOf(row),
      node("h3", {}, text(reasons)),
      list("causes", row),
      siteopt.verdict("changes", row) ? [node("h3", {}, text("site.changes")), list("changes", row)] : null,
      siteopt.overturnOf(row),
      siteopt.comparison(row),
      facts(row, chosen),
      costs(row, chosen),
      siteopt.impact(row),
      gates(row),
      criteria(row),
      ids(row));
  };
  const list = (name, row) => node("ul", { class: name }, siteopt.lines(name, row).map((line) => node("li", {}, line)));
  const gates = (row) => {
    const [head, ...lines] = siteopt.lines("gates", row);
    if (!head) return null;
    return node("details", { class: "gates" }, node("summary", {}, text("site.gates")), node("p", { class: "hint" }, head),
      node("ul", {}, lines.map((line) => node("li", {}, line))));
  };
  // The ids by which a site is found in the files of the run: the one place that shows them.
  const ids = (row) => {
    const { sites } = siteopt.data;
    const rival = siteopt.rival(row);
    const found = { site: sites.site_id[row], rival: rival === undefined ? null : sites.site_id[rival],
      station: sites.station_id[row],
      second: sites.second_station_id && sites.second_station_id[row], basin: criterionOf("basin_id", row), bus: sites.bus_id && sites.bus_id[row] };
    return node("details", { class: "ids" }, node("summary", {}, text("site.ids")),
      node("ul", {}, Object.entries(found).filter(([, id]) => id).map(([name, id]) => node("li", {}, text(`id.${name}`, { id })))));
  };
  const worthBlock = (row, kind) => node("div", { class: "value" },
    node("p", {}, node("span", {}, text(kind)), node("b", {}, siteopt.valueText(row), " ", share(row))),
    node("p", { class: "hint" }, text(`${kind}_hint`)));
  const share = (row) => {
    const { plan } = siteopt.data;
    if (plan.unit !== "bn_krw" || siteopt.verdict("figure", row) !== "exact") return null;
    return node("small", {}, text("site.value_share", { pct: siteopt.percent(loss(row) / plan.cost_bn_krw) }));
  };

  const facts = (row, chosen) => {
    const { sites } = siteopt.data;
    const { number, figure } = siteopt;
    const place = [siteopt.provinceName(sites.province_code[row]), siteopt.districtName(sites.district_code[row])];
    const size = sites.it_mw[row] === null ? [] : [
      [text(chosen ? "site.size_plan" : "site.size_other"), `IT ${number(sites.it_mw[row])} MW`],
      [text("years.phases"), siteopt.phases(row)],
      [text("site.facility"), `${number(sites.facility_mw[row], 1)} MW`],
      [text("site.station"), siteopt.stationName(sites.station_id[row])],
      [text("site.voltage"), `${sites.voltage_kv[row]} kV`],
      [text("site.route"), routeText(row)],
      [text("site.route_cost"), siteopt.money(sites.route_bn_krw[row])],
      [text("site.lead_time"), leadTime(row)],
      [text("site.headroom"), sites.headroom_mw ? [`${figure(sites.headroom_mw[row])} MW `, mark(sites.station_headroom_confidence ? sites.station_headroom_confidence[row] : "model")] : null],
      [text("site.works"), worksText(row)],
      [text("site.second_feed"), secondFeed(row)],
      [text("site.per_mw"), siteopt.money(sites.bn_krw_per_mw[row])],
      [text("site.price"), priceText(row)],
      [text("clean.title"), siteopt.cleanPriceText(row)],
      [text("site.per_mwh"), sites.krw_per_mwh_it ? text("site.krw_mwh", { n: number(sites.krw_per_mwh_it[row]) }) : null],
    ];
    const rows = [
      [text("site.place"), siteopt.language === "ko" ? place.filter(Boolean).join(" ") : place.filter(Boolean).reverse().join(", ")],
      [text("site.kind"), sites.kind ? siteopt.word("kind.", sites.kind[row]) : null],
      ...size,
      [text("site.it_max"), [`IT ${number(sites.it_max_mw[row])} MW (${figure(sites.eligible_ha[row])} ha) `, areaText(row)]],
      [text("site.suitability"), sites.suitability && sites.suitability[row] !== null ? figure(sites.suitability[row]) : null],
      [text("site.coordinates"), `${sites.lon[row].toFixed(4)}, ${sites.lat[row].toFixed(4)}`],
    ];
    return node("table", { class: "facts" },
      node("tbody", {}, rows.filter(([, value]) => value).map(([name, value]) =>
        node("tr", {}, node("th", { scope: "row" }, name), node("td", {}, value)))));
  };

  // What bounds the land of a site in a complex, and how far that can be trusted.
  const areaText = (row) => {
    const { kind, area_rule: rule, area_confidence: confidence } = siteopt.data.sites;
    if (!kind || kind[row] !== "complex") return null;
    return node("small", {}, siteopt.word("area.", rule[row]), " ", mark(confidence[row]));
  };
  // What the station needs first, with what it adds and costs; null where it needs nothing.
  const worksText = (row) => {
    const { sites } = siteopt.data;
    const works = sites.works && sites.works[row];
    if (!works) return null;
    return text("site.works_n", { works: siteopt.one(siteopt.data.works[works]), mw: siteopt.figure(sites.relief_mw[row]), cost: siteopt.money(sites.works_bn_krw[row]) });
  };
  // Usual and longest lead time, and whether the longest would be too late.
  const leadTime = (row) => {
    const { lead_time_years: usual, lead_time_high_years: longest, lead_time_tight: tight } = siteopt.data.sites;
    const { number } = siteopt;
    if (!longest || longest[row] === null || longest[row] <= usual[row]) return text("site.years", { n: number(usual[row], 1) });
    const range = text("site.years_range", { n: number(usual[row], 1), most: number(longest[row], 1) });
    return tight[row] ? [`${range} `, node("small", {}, text("site.years_tight"))] : range;
  };
  const secondFeed = (row) => {
    const { second_station_id: station, second_route_km: km } = siteopt.data.sites;
    if (!station || !station[row]) return null;
    return text("site.second_feed_n", { station: siteopt.stationName(station[row]), km: siteopt.number(km[row], 1) });
  };

  // The length of the route, and of its overhead and underground stretches.
  const routeText = (row) => {
    const { route_km: km, route_oh_km: overhead, route_ug_km: cable } = siteopt.data.sites;
    const [all, oh, ug] = [km, overhead, cable].map((column) => siteopt.number(column[row], 1));
    return text("site.route_km", { km: all, oh, ug });
  };

  // The price of a kWh and what it is the sum of.
  const priceText = (row) => {
    const parts = Object.entries(siteopt.data.prices).map(([name, values]) => /** @type {[string, number]} */ ([name, values[row]])).filter(([, part]) => part);
    if (!parts.length) return null;
    const kwh = siteopt.number(parts.reduce((sum, [, part]) => sum + part, 0), 1);
    const listed = parts.map(([name, part]) => `${siteopt.word("price.", name)} ${siteopt.number(part, 1)}`).join(", ");
    return text("site.price_parts", { kwh, parts: listed });
  };

  const mark = (confidence) =>
    node("span", { class: `mark ${String(confidence).split("-")[0]}` }, siteopt.word("confidence.", confidence));

  const criterionOf = (name, row) => {
    const item = siteopt.data.criteria.find((one) => one.name === name);
    return item ? item.values[row] : null;
  };

  const costs = (row, chosen) => {
    const { components, sites } = siteopt.data;
    const total = sites.cost_bn_krw[row];
    if (total === null) return null;
    const parts = components.map((name, place) => /** @type {[string, number]} */ ([name, siteopt.data.costs[place][row] || 0])).filter(([, amount]) => amount);
    parts.sort((a, b) => b[1] - a[1]);
    const most = Math.max(...parts.map(([, amount]) => Math.abs(amount)), 1e-9);
    const line = (name, amount, bar) => node("tr", {}, node("th", { scope: "row" }, name),
      node("td", { class: "bar" }, bar), node("td", { class: "amount" }, siteopt.money(amount)));
    return node("section", { class: "costs" }, node("h3", {}, text("site.costs")),
      node("p", { class: "hint" }, siteopt.each
        ? text(chosen ? "years.costs_plan" : "years.costs_other", { mw: siteopt.number(sites.it_mw[row]), year: siteopt.each[0].year })
        : text(chosen ? "site.costs_plan" : "site.costs_other", { mw: siteopt.number(sites.it_mw[row]) })),
      node("table", {}, node("tbody", {}, parts.map(([name, amount]) => {
        const width = Math.max(1, (Math.abs(amount) / most) * 100).toFixed(1);
        return line(siteopt.word("cost.", name), amount,
          node("i", { class: amount < 0 ? "less" : "", style: `width:${width}%` }));
      })), node("tfoot", {}, line(text("site.total"), total, ""))),
      siteopt.one(siteopt.data.same) ? node("p", { class: "hint" }, text("site.same", { parts: siteopt.one(siteopt.data.same) })) : null);
  };

  const unitText = (unit) => (!unit || unit === "-" ? "" : unit === "%" || unit === "°" ? unit : ` ${siteopt.word("criterion_unit.", unit)}`);
  const criteria = (row) => {
    const groups = new Map();
    const confidences = new Map(siteopt.data.criteria.map((item) => [item.name, item.values]));
    for (const item of siteopt.data.criteria) {
      const value = item.values[row];
      if (value === null || value === "" || !item.shown_in.includes(siteopt.language)) continue;
      const of = item.confidence_of === null ? null : confidences.get(item.confidence_of);
      const confidence = item.confidence_of === null ? item.confidence : (of && of[row]) || "unknown";
      const names = siteopt.data.names[item.name];
      const word = () => (names && names[value] ? siteopt.one(names[value]) : siteopt.word(`value.${item.name}.`, value));
      const label = typeof value === "string" ? word() : siteopt.figure(value);
      const shown = typeof value === "boolean" ? (value ? "○" : "×") : label;
      const line = node("tr", {}, node("th", { scope: "row" }, siteopt.one(item.title)),
        node("td", {}, `${shown}${unitText(item.unit)}`),
        node("td", {}, mark(confidence)));
      if (!groups.has(item.criterion)) groups.set(item.criterion, []);
      groups.get(item.criterion).push(line);
    }
    if (!groups.size) return null;
    return node("details", { class: "criteria" }, node("summary", {}, text("site.criteria")),
      node("table", {}, node("thead", {}, node("tr", {}, ["shown.name", "site.criterion_value", "source.confidence"].map((key) => node("th", { scope: "col" }, text(key))))), [...groups].map(([criterion, lines]) => node("tbody", {},
        node("tr", { class: "group" }, node("th", { colspan: 3, scope: "rowgroup" }, siteopt.word("criterion.", criterion))), lines))));
  };
})();
