// @ts-check
"use strict";
// Two to four sites side by side: class, place, connection, cost by component, limits.
(() => {
  const MOST = 4;
  const FOUND = 6; // sites that a name finds at once
  const LEAST = 0.005; // bn won a MW: what the figures show
  const { node, text } = siteopt;
  let picked = []; // rows, in the order in which they were picked

  siteopt.compared = () => picked;
  const isPicked = (row) => picked.includes(row);
  const pick = (row, on) => {
    if (on && !isPicked(row) && picked.length < MOST) picked = [...picked, row];
    if (!on) picked = picked.filter((one) => one !== row);
    siteopt.writePage("compare");
    siteopt.writeLink();
    for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input.compare-pick"))) box.checked = isPicked(Number(box.value));
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.compare-add"))) writeButton(button);
  };
  // Sites of a link; those that are unknown are left out by the reader of the link.
  siteopt.compareRows = (rows) => {
    picked = [...new Set(rows)].slice(0, MOST);
    siteopt.writePage("compare");
  };

  siteopt.comparePick = (row) => {
    const box = node("input", { type: "checkbox", class: "compare-pick", value: row, "aria-label": text("compare.pick_site", { name: siteopt.siteName(row) }),
      onchange: (event) => { pick(row, event.target.checked); event.target.checked = isPicked(row); } });
    box.checked = isPicked(row);
    return box;
  };
  const writeButton = (button) => {
    const row = Number(button.value);
    button.textContent = text(isPicked(row) ? "compare.remove" : "compare.add");
    button.setAttribute("aria-pressed", String(isPicked(row)));
    button.disabled = !isPicked(row) && picked.length >= MOST;
  };
  // On the card of a site: into the comparison, or out of it.
  siteopt.compareButton = (row) => {
    const button = node("button", { type: "button", class: "plain compare-add", value: row, onclick: () => {
      pick(row, !isPicked(row));
      if (isPicked(row) && picked.length > 1) siteopt.showTab("compare");
    } });
    writeButton(button);
    return node("p", { class: "card-actions" }, button);
  };

  const name = (row) => siteopt.siteName(row);
  const chips = () => node("ul", { class: "chips" }, picked.map((row) => node("li", {}, node("button", { type: "button", class: "link", onclick: () => siteopt.openSite(row) }, name(row)),
    node("button", { type: "button", class: "plain", "aria-label": text("compare.remove_site", { name: name(row) }), onclick: () => pick(row, false) }, "×"))));
  const byName = () => {
    if (picked.length >= MOST) return node("p", { class: "hint" }, text("compare.most", { n: MOST }));
    const list = node("ul", { class: "found" });
    const write = (words) => {
      const { sites } = siteopt.data;
      const wanted = words.trim().toLowerCase();
      const said = (row) => [sites.site_id[row], sites.name_ko[row], sites.name_en[row], siteopt.districtName(sites.district_code[row])].join("\n").toLowerCase();
      const rows = wanted ? sites.site_id.map((id, row) => row).filter((row) => !isPicked(row) && said(row).includes(wanted)).slice(0, FOUND) : [];
      list.replaceChildren(...(wanted && !rows.length ? [node("li", { class: "hint" }, text("list.none"))]
        : rows.map((row) => node("li", {}, node("button", { type: "button", class: "link", onclick: () => pick(row, true) }, name(row)), node("small", {}, ` ${siteopt.rankText(row)}`)))));
    };
    return [node("input", { type: "search", class: "by-name", placeholder: text("compare.search"), "aria-label": text("compare.search"), oninput: (event) => write(event.target.value) }), list];
  };
  const ready = () => {
    const rival = siteopt.chosen.length ? siteopt.rival(siteopt.chosen[siteopt.chosen.length - 1]) : undefined;
    const pairs = [
      [text("compare.best"), siteopt.chosen.slice(0, 3)],
      [text("compare.last"), rival === undefined ? [] : [siteopt.chosen[siteopt.chosen.length - 1], rival]],
    ];
    return node("p", { class: "ready" }, pairs.filter(([, rows]) => rows.length > 1).map(([said, rows]) =>
      node("button", { type: "button", class: "plain", onclick: () => { siteopt.compareRows(rows); siteopt.writeLink(); } }, said)));
  };

  // The site of the least cost a MW, and what sets each other one apart from it.
  const perMw = (row) => { // of the sums: the column of the table has won by the million
    const { cost_bn_krw: cost, discounted_it_mw: discounted, it_mw: mw } = siteopt.data.sites;
    return cost[row] === null ? null : cost[row] / (discounted || mw)[row];
  };
  const costed = () => picked.filter((row) => perMw(row) !== null);
  const cheapest = () => costed().reduce((best, row) => (perMw(row) < perMw(best) ? row : best), costed()[0]);
  const sentences = () => {
    if (costed().length < 2) return node("p", { class: "hint" }, text("compare.no_cost"));
    const best = cheapest();
    const others = costed().filter((row) => row !== best);
    return node("ul", { class: "lead" }, others.map((row) => {
      const gap = perMw(row) - perMw(best);
      if (gap < LEAST) return node("li", {}, text("compare.same", { a: name(best), b: name(row) }));
      const parts = siteopt.costGaps(row, best).filter(({ gap: part }) => part > 0);
      const first = parts[0];
      return node("li", {}, text("compare.said", { a: name(best), b: name(row), gap: siteopt.money(gap), pct: siteopt.percent(gap / perMw(row)),
        part: first ? siteopt.word("cost.", first.name) : "–", most: first ? siteopt.money(first.gap) : "–" }));
    }));
  };

  const unitText = (unit) => (!unit || unit === "-" ? "" : unit === "%" || unit === "°" ? unit : ` ${siteopt.word("criterion_unit.", unit)}`);
  // A line of the table; where figures differ it is marked, and the better end where one is better.
  const line = (label, values, { figures = null, better = null } = {}) => {
    const known = (figures || []).filter((value) => value !== null && value !== undefined);
    const differ = new Set(values.map((value) => String(value))).size > 1;
    const top = better && known.length > 1 && Math.min(...known) !== Math.max(...known) ? (better === "low" ? Math.min(...known) : Math.max(...known)) : null;
    return node("tr", { class: differ ? "differs" : null }, node("th", { scope: "row" }, label),
      values.map((value, at) => node("td", { class: top !== null && figures[at] === top ? "better" : null }, value ?? "–",
        top !== null && figures[at] === top ? node("span", { class: "unseen" }, ` (${text("compare.better")})`) : null)));
  };
  const group = (key, lines) => (lines.length ? node("tbody", {}, node("tr", { class: "group" }, node("th", { colspan: picked.length + 1, scope: "rowgroup" }, text(key))), lines) : null);
  const each = (make) => picked.map(make);

  const standing = () => [
    line(text("table.rank"), each(siteopt.rankText)),
    siteopt.data.robustness ? line(text("table.class"), each(siteopt.classText)) : null,
    siteopt.data.robustness ? line(text("table.in_plan"), each((row) => `${siteopt.number(siteopt.data.robustness.in_plan_pct[row])}%`), { figures: each((row) => siteopt.data.robustness.in_plan_pct[row]), better: "high" }) : null,
    line(text("compare.state"), each((row) => text(siteopt.isChosen.has(row) ? "table.state_chosen" : siteopt.isImpossible(row) ? "table.state_impossible" : "table.state_other"))),
    line(text("table.loss"), each(siteopt.valueText)),
  ];
  const facts = () => {
    const { sites } = siteopt.data;
    const { number } = siteopt;
    const of = (key, column, digits, better, unit) => (sites[column] ? line(text(key), each((row) => (sites[column][row] === null ? "–" : `${number(sites[column][row], digits)} ${unit}`)), { figures: each((row) => sites[column][row]), better }) : null);
    return [
      line(text("site.place"), each((row) => [siteopt.provinceName(sites.province_code[row]), siteopt.districtName(sites.district_code[row])].filter(Boolean).join(" "))),
      sites.kind ? line(text("site.kind"), each((row) => siteopt.word("kind.", sites.kind[row]))) : null,
      of("site.it_max", "it_max_mw", 0, "high", "MW"),
      of("compare.size", "it_mw", 0, null, "MW"),
      line(text("site.station"), each((row) => siteopt.stationName(sites.station_id[row]))),
      of("site.voltage", "voltage_kv", 1, null, "kV"),
      of("site.route", "route_km", 1, "low", "km"),
      of("site.headroom", "headroom_mw", 0, "high", "MW"),
      of("site.lead_time", "lead_time_years", 1, "low", text("compare.years")),
      sites.suitability ? line(text("site.suitability"), each((row) => siteopt.figure(sites.suitability[row])), { figures: each((row) => sites.suitability[row]), better: "high" }) : null,
    ];
  };
  const costs = () => {
    const { components, costs: amounts, sites } = siteopt.data;
    const unit = (row) => (sites.discounted_it_mw || sites.it_mw)[row];
    const of = (place) => each((row) => (perMw(row) === null ? null : (amounts[place][row] || 0) / unit(row)));
    const parts = components.map((part, place) => ({ part, values: of(place) })).filter(({ values }) => values.some((value) => Math.abs(value || 0) >= LEAST));
    const most = Math.max(...parts.flatMap(({ values }) => values.map((value) => Math.abs(value || 0))), LEAST);
    const spread = ({ values }) => Math.max(...values.filter((value) => value !== null)) - Math.min(...values.filter((value) => value !== null));
    const bar = (value) => (value === null ? "–" : [siteopt.unitMoney(value), node("i", { class: value < 0 ? "less" : null, "aria-hidden": "true", style: `width:${((Math.abs(value) / most) * 100).toFixed(1)}%` })]);
    const shown = parts.sort((a, b) => spread(b) - spread(a)).map(({ part, values }) => {
      const known = values.filter((value) => value !== null);
      const differs = spread({ values }) >= LEAST;
      return node("tr", { class: differs ? "differs" : null }, node("th", { scope: "row" }, siteopt.word("cost.", part)),
        values.map((value) => node("td", { class: `bar-cell${differs && value === Math.min(...known) ? " better" : ""}` }, bar(value))));
    });
    const totals = each(perMw);
    return [...shown, line(text("site.total"), totals.map((value) => (value === null ? "–" : siteopt.unitMoney(value))), { figures: totals, better: "low" })];
  };
  const criteria = () => siteopt.data.criteria.filter((item) => item.shown_in.includes(siteopt.language) && picked.some((row) => item.values[row] !== null && item.values[row] !== "")).map((item) => {
    const names = siteopt.data.names[item.name];
    const say = (value) => {
      if (value === null || value === "") return "–";
      if (typeof value === "boolean") return value ? "○" : "×";
      if (typeof value === "string") return names && names[value] ? siteopt.one(names[value]) : siteopt.word(`value.${item.name}.`, value);
      return `${siteopt.figure(value)}${unitText(item.unit)}`;
    };
    return line(siteopt.one(item.title), each((row) => say(item.values[row])));
  });
  const reasons = () => line(text("compare.reasons"), each((row) => siteopt.lines("causes", row).map((said) => node("span", { class: "cause" }, said))));

  const table = () => node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("tab.compare") }, node("table", { class: "side-by-side" },
    node("caption", { class: "unseen" }, text("tab.compare")),
    node("thead", {}, node("tr", {}, node("td", {}), picked.map((row) => node("th", { scope: "col" }, name(row))))),
    group("compare.standing", standing().filter(Boolean)),
    group(siteopt.each ? "years.compare_unit" : "compare.costs", costs()),
    group("compare.facts", facts().filter(Boolean)),
    group("compare.limits", [reasons()]),
    group("site.criteria", criteria())));

  siteopt.comparePage = () => node("div", { class: "needs-room" },
    node("div", { class: "over" }, siteopt.widenButton()),
    node("p", { class: "hint" }, text("compare.intro", { n: MOST })),
    chips(), byName(), picked.length < 2 ? ready() : null,
    picked.length > 1 ? [sentences(), table(), node("p", { class: "hint" }, text("compare.marks"))] : null);
})();
