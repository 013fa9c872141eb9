"use strict";
// The card of a site: rank, value, connection, cost, what limits it, why it is not chosen.
(() => {
  const SMALL = 1e-6; // of the objective: differences below are within the solver's tolerance
  const node = (...all) => siteopt.node(...all);
  const text = (...all) => siteopt.text(...all);

  // What the plan loses without a chosen site, or with any other forced in.
  const loss = (row) => siteopt.data.sites[siteopt.isChosen.has(row) ? "value" : "regret"][row];
  // What a site is worth, in words: exact, between two bounds, at least a bound, or not at all.
  siteopt.valueText = (row) => {
    const { lower, upper, proof } = siteopt.data.sites;
    const { worth } = siteopt;
    const known = proof[row];
    if (known === "indispensable") return text("site.value_indispensable");
    if (known === "impossible") return text("site.value_impossible");
    if (known === "exact" && loss(row) !== null) return isNothing(loss(row)) ? `0 (${text("site.near_zero")})` : worth(loss(row));
    const least = lower[row] === null || isNothing(lower[row]) ? 0 : Math.max(0, lower[row]);
    if (upper[row] !== null && isNothing(upper[row])) return `0 (${text("site.near_zero")})`;
    if (least && upper[row] !== null) return text("site.value_range", { a: worth(least), b: worth(upper[row]) });
    if (least) return text("site.value_least", { a: worth(least) });
    if (upper[row] !== null) return text("site.value_most", { b: worth(upper[row]) });
    return text("site.value_unknown");
  };
  const isNothing = (value) => Math.abs(value) <= SMALL * Math.max(1, Math.abs(siteopt.data.plan.objective));

  siteopt.card = (row) => {
    const { sites } = siteopt.data;
    const chosen = siteopt.isChosen.has(row);
    const impossible = siteopt.isImpossible(row);
    const reasons = chosen ? "site.limits" : impossible ? "site.why_impossible" : "site.why_not";
    return node("article", { class: "card", "data-site": sites.site_id[row] },
      node("h2", {}, siteopt.siteName(row), siteopt.siteName(row).includes(sites.site_id[row]) ? null : node("small", {}, sites.site_id[row])),
      node("p", { class: "badges" },
        node("span", { class: impossible ? "badge" : "badge rank", title: siteopt.rankHint(row) }, siteopt.rankText(row)),
        impossible ? null : node("span", { class: chosen ? "badge chosen" : "badge" }, text(chosen ? "site.chosen" : "site.not_chosen"))),
      impossible ? null : value(row, chosen ? "site.value_chosen" : "site.value_other"),
      siteopt.levelsOf(row),
      node("h3", {}, text(reasons)),
      node("ul", { class: "causes" }, (chosen ? limitsOf(row) : whyNot(row)).map((cause) => node("li", {}, cause))),
      siteopt.comparison(row),
      facts(row, chosen),
      costs(row, chosen),
      siteopt.impact(row),
      criteria(row));
  };
  const value = (row, kind) => node("div", { class: "value" },
    node("p", {}, node("span", {}, text(kind)), node("b", {}, siteopt.valueText(row), " ", share(row))),
    node("p", { class: "hint" }, text(`${kind}_hint`)));
  const share = (row) => {
    const { plan, sites } = siteopt.data;
    if (plan.unit !== "bn_krw" || sites.proof[row] !== "exact" || loss(row) === null || isNothing(loss(row))) return null;
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
    const banks = /^banks(\d+)$/.exec(works);
    const said = banks ? text("works.banks", { n: banks[1] }) : text(`works.${works}`);
    return text("site.works_n", { works: said, mw: siteopt.figure(sites.relief_mw[row]), cost: siteopt.money(sites.works_bn_krw[row]) });
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
    const parts = Object.entries(siteopt.data.prices).map(([name, values]) => [name, values[row]]).filter(([, part]) => part);
    if (!parts.length) return null;
    const kwh = siteopt.number(parts.reduce((sum, [, part]) => sum + part, 0), 1);
    const said = parts.map(([name, part]) => `${siteopt.word("price.", name)} ${siteopt.number(part, 1)}`).join(", ");
    return text("site.price_parts", { kwh, parts: said });
  };

  const mark = (confidence) =>
    node("span", { class: `mark ${String(confidence).split("-")[0]}` }, siteopt.word("confidence.", confidence));

  const limitsOn = (family, name) =>
    siteopt.data.plan.limits.filter((limit) => limit.family === family && limit.at_most !== null
      && siteopt.holdsIn(limit, siteopt.lastYear()) && name(limit.limit));
  const stationLimits = (id) => limitsOn("stations", (name) => name.split(" ")[0] === id);
  // The headroom that KEPCO publishes is that of one station: those of the area share it.
  const areaLimits = (row) => {
    const { headroom_area_id: area } = siteopt.data.sites;
    return area && area[row] ? limitsOn("stations", (name) => name === `${area[row]} area`) : [];
  };
  const provinceLimits = (code) => limitsOn("provinces", (name) => name === `share ${code}`);
  const basinLimits = (id) => limitsOn("basins", (name) => name === `basin ${id}`);
  const criterion = (name, row) => {
    const item = siteopt.data.criteria.find((one) => one.name === name);
    return item ? item.values[row] : null;
  };
  // The first limit that has no room for one more block.
  const full = (limits, block) => limits.find((limit) => limit.at_most - limit.used < block - 1e-6);
  const facilityPerIt = (row) => siteopt.data.sites.facility_mw[row] / siteopt.data.sites.it_mw[row];
  const fullStation = (row) => {
    const { sites, scenario } = siteopt.data;
    if (sites.station_id[row] === null) return undefined;
    return full([...stationLimits(sites.station_id[row]), ...areaLimits(row)], facilityPerIt(row) * scenario.block_mw);
  };
  const fullProvince = (row) => {
    const { sites, scenario } = siteopt.data;
    return full(provinceLimits(sites.province_code[row]), (scenario.block_mw / scenario.it_mw) * 100);
  };

  const limitsOf = (row) => {
    const { sites, scenario } = siteopt.data;
    const { number } = siteopt;
    const block = scenario.block_mw;
    const causes = [];
    const mw = sites.it_mw[row] + block - 1e-6;
    if (mw > scenario.it_max_mw) causes.push(text("limit.build", { mw: number(scenario.it_max_mw) }));
    else if (mw > sites.it_max_mw[row]) causes.push(text("limit.land", { mw: number(sites.it_max_mw[row]) }));
    const contract = sites.facility_max_mw ? sites.facility_max_mw[row] : null;
    if (contract !== null && facilityPerIt(row) * mw > contract) {
      causes.push(text("limit.class", { kv: sites.voltage_kv[row], mw: number(contract) }));
    }
    const station = fullStation(row);
    if (station) {
      const rest = number(Math.max(0, station.at_most - station.used), 1);
      causes.push(text("limit.headroom", { station: siteopt.headroomName(station.limit), mw: number(station.at_most, 1), rest, block: number(block), need: number(block * facilityPerIt(row), 1) }));
    }
    const share = fullProvince(row);
    if (share) {
      causes.push(text("limit.province", { province: siteopt.provinceName(sites.province_code[row]), pct: number(share.at_most, 1) }));
    }
    const basin = full(basinLimits(criterion("basin_id", row)), (criterion("water_m3_day_per_mw", row) || 0) * block);
    if (basin) causes.push(text("limit.basin", { m3: number(basin.at_most) }));
    const flow = siteopt.flowCause(row, block, "limit");
    if (flow) causes.push(flow);
    return causes.length ? causes : [text("limit.none")];
  };

  const whyNot = (row) => {
    const { sites, near, scenario, plan } = siteopt.data;
    const province = siteopt.provinceName(sites.province_code[row]);
    if (siteopt.isImpossible(row) || sites.it_mw[row] === null) return whyImpossible(row);
    const causes = [];
    if (near[row] !== null) {
      causes.push(text("why.spacing", { site: siteopt.siteName(near[row]), km: scenario.spacing_km }));
    }
    const shared = siteopt.chosen.some((other) => sites.station_id[other] === sites.station_id[row]);
    if (shared && fullStation(row)) causes.push(text("why.station"));
    if (fullProvince(row)) causes.push(text("why.province", { province }));
    const flow = siteopt.flowCause(row, scenario.it_min_mw, "why");
    if (flow) causes.push(flow);
    if (sites.proof[row] === "exact" && isNothing(loss(row))) causes.push(text("why.zero"));
    const gap = siteopt.gapText(row);
    if (gap) causes.push(gap);
    return causes.length ? causes : [text(plan.status === "optimal" ? "why.general" : "why.general_feasible")];
  };
  const whyImpossible = (row) => {
    const { sites, scenario, texts } = siteopt.data;
    const gate = (sites.reason && sites.reason[row]) || "no_option";
    const key = gate === "province" ? "why.provinces" : `why.${gate}`;
    const cause = texts[key] ? text(key, { mw: siteopt.number(scenario.it_min_mw) }) : gate;
    return [cause, ...(["connection", "headroom", "no_option"].includes(gate) ? nearestStation(row) : [])];
  };
  // The nearest station by the criteria, whatever its voltage.
  const nearestStation = (row) => {
    const found = siteopt.data.criteria.map(({ name }) => /^distance_(\d+)_km$/.exec(name)).filter(Boolean)
      .map(([name, kv]) => ({ kv, km: criterion(name, row), mw: criterion(`headroom_${kv}_mw`, row) }))
      .filter(({ km, mw }) => km !== null && mw !== null).sort((a, b) => a.km - b.km)[0];
    return found ? [text("why.nearest", { kv: found.kv, km: siteopt.number(found.km, 1), mw: siteopt.figure(found.mw) })] : [];
  };

  const costs = (row, chosen) => {
    const { components, sites } = siteopt.data;
    const total = sites.cost_bn_krw[row];
    if (total === null) return null;
    const parts = components.map((name, place) => [name, siteopt.data.costs[place][row] || 0]).filter(([, amount]) => amount);
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

  const criteria = (row) => {
    const groups = new Map();
    const confidences = new Map(siteopt.data.criteria.map((item) => [item.name, item.values]));
    for (const item of siteopt.data.criteria) {
      const value = item.values[row];
      if (value === null || /_confidence$/.test(item.name)) continue;
      const seen = item.confidence.startsWith("see ") ? confidences.get(item.confidence.slice(4)) : null;
      const said = typeof value === "string" ? siteopt.word(`value.${item.name}.`, value) : siteopt.figure(value);
      const shown = typeof value === "boolean" ? (value ? "○" : "×") : said;
      const line = node("tr", {}, node("th", { scope: "row" }, siteopt.one(item.title)),
        node("td", {}, `${shown}${item.unit ? ` ${item.unit}` : ""}`),
        node("td", {}, mark(seen ? seen[row] || "–" : item.confidence)));
      if (!groups.has(item.criterion)) groups.set(item.criterion, []);
      groups.get(item.criterion).push(line);
    }
    if (!groups.size) return null;
    return node("details", { class: "criteria" }, node("summary", {}, text("site.criteria")),
      node("table", {}, [...groups].map(([criterion, lines]) => node("tbody", {},
        node("tr", { class: "group" }, node("th", { colspan: 3, scope: "rowgroup" }, siteopt.word("criterion.", criterion))), lines))));
  };
})();
