// @ts-check
"use strict";
// The panel of a comparison: sites that changed, causes, ranks, land, inputs.
(() => {
  const TABS = ["changes", "causes", "ranks", "land", "inputs"];
  const { node, text } = siteopt;
  const signed = (value, digits = 1) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${siteopt.number(Math.abs(value), digits)}`;

  // Money is always shown as a change of the cost: more is dearer.
  const worth = (value) => (siteopt.data.unit === "bn_krw" ? siteopt.money(value) : `${siteopt.figure(-value)} MW`);
  const worthChange = (value) => {
    const turned = siteopt.data.unit === "bn_krw" ? value : -value;
    return `${turned > 0 ? "+" : turned < 0 ? "−" : ""}${siteopt.data.unit === "bn_krw" ? siteopt.money(Math.abs(turned)) : `${siteopt.figure(Math.abs(turned))} MW`}`;
  };

  siteopt.writeFigures = () => {
    const { figures, unit } = siteopt.data;
    const [was, now] = figures.objective;
    const [before, after] = figures.eligible_km2;
    const unproven = figures.objective_sure || was === now ? "" : ` · ${text("compare.unproven")}`;
    const rows = [
      ["figure.chosen", text("figure.sites", { b: figures.chosen[0], a: figures.chosen[1] }), ""],
      [unit === "bn_krw" ? "figure.objective" : "figure.suitable", worth(now), was === now ? "" : `${worthChange(now - was)}${unproven}`],
      ["figure.eligible", `${siteopt.number(after)} ${text("unit.km2")}`, before === after ? "" : `${signed(after - before)} ${text("unit.km2")}`],
    ];
    document.getElementById("figures").replaceChildren(...rows.map(([key, value, change]) =>
      node("div", {}, node("dt", {}, text(key)), node("dd", {}, value, change ? node("small", {}, change) : null))));
  };

  siteopt.writePanel = () => siteopt.writeTabs(TABS, { changes, causes, ranks, land, inputs });

  // An input as people call it: 자료: 변전소 여유용량, 시나리오: 입지 간 거리.
  const inputName = ([kind, name]) => {
    const titles = (kind === "layer" ? siteopt.data.titles : siteopt.data.keys)[name];
    return text(`kind.${kind}`, { name: titles ? siteopt.one(titles) : name });
  };
  const causeName = ({ cause, how }) =>
    cause.length ? cause.map(inputName).join(how === "either" ? ` ${text("join.or")} ` : " + ") : text("causes.untraced");
  const why = (one) => (one.how ? node("small", { class: "why" }, node("em", {}, `${text("list.cause")}: `), causeName(one)) : null);

  const amounts = ({ it_mw: [was, now], change }) => {
    if (change === "entered") return `IT ${siteopt.number(now)} MW`;
    if (change === "left") return `IT ${siteopt.number(was)} MW`;
    return was === now ? `IT ${siteopt.number(now)} MW` : text("list.mw", { b: siteopt.number(was), a: siteopt.number(now) });
  };
  const item = (site, row) =>
    node("li", {}, node("button", { type: "button", class: "site", "data-site": site.id, onclick: () => siteopt.open(row) },
      siteopt.mark(site),
      node("span", { class: "about" }, node("b", {}, siteopt.one(site.name)), " ",
        node("span", { class: `word ${site.change}` }, text(`change.${site.change}`)),
        node("small", {}, [siteopt.provinceName(site.province), amounts(site), site.change === "rescheduled" ? site.open_year.join(" → ") : null].filter(Boolean).join(" · ")),
        site.sure ? null : node("small", {}, text("compare.unproven")), why(site))));

  const changes = () => {
    const { list } = siteopt.data.sites;
    const rows = list.map((site, row) => /** @type {[Side, number]} */ ([site, row]));
    const changed = rows.filter(([site]) => site.change !== "both");
    const rest = rows.filter(([site]) => site.change === "both");
    const { same } = siteopt.data;
    return node("div", {}, node("p", { class: same ? "answer same" : "answer" }, text(same ? "compare.same" : "compare.changed")),
      node("p", { class: "hint" }, text(changed.length ? "list.intro" : "list.same")),
      node("ol", { class: "sites" }, changed.map(([site, row]) => item(site, row))),
      rest.length ? [node("h3", {}, `${text("list.unchanged")} (${rest.length})`), node("ol", { class: "sites" }, rest.map(([site, row]) => item(site, row)))] : null,
      notes());
  };
  const notes = () => (siteopt.data.notes.length
    ? node("div", { class: "notes" }, node("p", {}, node("b", {}, text("notes"))), siteopt.data.notes.map((one) => node("p", {}, one))) : null);

  const causes = () => {
    const { causes: list, costs, cost_method: method, runs_made: n } = siteopt.data;
    if (!list.length && !costs.length) return node("p", { class: "hint" }, text("causes.none"));
    const most = Math.max(...costs.map(({ difference }) => Math.abs(difference)), 1e-9);
    const how = siteopt.word("causes.", method);
    return node("div", {}, node("p", { class: "hint" }, n ? text("causes.intro", { n }) : text("causes.one")),
      costs.length ? [node("h3", {}, text("causes.costs")), how ? node("p", { class: "hint" }, how) : null,
        node("table", { class: "plain" }, node("tbody", {}, costs.map(({ input, difference }) => node("tr", {},
          node("th", { scope: "row" }, inputName(input)),
          node("td", { class: "bar" }, node("i", { class: difference < 0 ? "less" : "", style: `width:${((Math.abs(difference) / most) * 100).toFixed(1)}%` })),
          node("td", { class: "amount" }, worthChange(difference))))))] : null,
      list.length ? [node("h3", {}, text("causes.changes")), node("table", { class: "plain" }, node("tbody", {}, list.map(causeRow)))] : null);
  };
  const causeRow = (one) => {
    const found = siteopt.data.sites.list.findIndex(({ id }) => id === one.subject);
    const ranked = siteopt.data.ranks.list.find(({ id }) => id === one.subject);
    const named = found >= 0 ? siteopt.data.sites.list[found] : ranked;
    const about = one.change === "rank" && ranked ? siteopt.moved(ranked.rank) : text(`change.${one.change}`);
    const go = () => (found >= 0 ? siteopt.open(found) : siteopt.goTo(ranked));
    return node("tr", {}, node("th", { scope: "row" }, named ? node("button", { type: "button", onclick: go }, siteopt.one(named.name)) : null, node("small", {}, about)),
      node("td", {}, causeName(one), one.cause.length ? node("small", {}, text(`how.${one.how}`)) : null));
  };

  const ranks = () => {
    const { list } = siteopt.data.ranks;
    if (!list.length) return node("p", { class: "hint" }, text("ranks.none"));
    return node("div", {}, node("p", { class: "hint" }, text("ranks.intro")),
      node("table", { class: "plain" }, node("tbody", {}, list.map((one) => node("tr", {},
        node("th", { scope: "row" }, node("button", { type: "button", onclick: () => siteopt.goTo(one) }, siteopt.one(one.name)), node("small", {}, siteopt.provinceName(one.province))),
        node("td", { class: `amount ${one.rank[1] < one.rank[0] ? "up" : "down"}` }, `${one.rank[0]} → ${one.rank[1]}`))))));
  };

  const pairTable = (head, rows) => node("table", { class: "plain" },
    node("thead", {}, node("tr", {}, node("th", {}, head), ...["compare.before", "compare.after", "land.difference"].map((key) => node("th", { class: "amount", scope: "col" }, text(key))))),
    node("tbody", {}, rows.map(([name, was, now]) => node("tr", {}, node("th", { scope: "row" }, name),
      node("td", { class: "amount" }, siteopt.number(was, 1)), node("td", { class: "amount" }, siteopt.number(now, 1)), node("td", { class: "amount" }, signed(now - was))))));
  const land = () => {
    const { provinces, reasons } = siteopt.data;
    if (!provinces.length && !reasons.length) return node("p", { class: "hint" }, text("land.none"));
    return node("div", {},
      provinces.length ? [node("h3", {}, text("land.provinces")), pairTable(text("land.province"), provinces.map((one) => [siteopt.one([one.name_ko, one.name_en]), one.km2_before, one.km2_after]))] : null,
      reasons.length ? [node("h3", {}, text("land.reasons")), pairTable(text("land.reason"), reasons.map((one) => [siteopt.one([one.title_ko, one.title_en]), one.km2_before, one.km2_after]))] : null);
  };

  const rowText = (row) => {
    if (row.change === "changed") return `${row.column}: ${row.before || "–"} → ${row.after || "–"}`;
    if (row.change === "moved") return row.distance_m === null ? text("row.lost") : text("row.moved", { m: siteopt.number(row.distance_m, 1) });
    return text(`row.${row.change}`);
  };
  const inputs = () => {
    const { inputs: list, rows, rows_count: count } = siteopt.data;
    if (!list.length) return node("p", { class: "hint" }, text("inputs.none"));
    return node("div", {}, node("p", { class: "hint" }, text("inputs.intro")),
      node("table", { class: "plain" }, node("tbody", {}, list.map(({ input, description, matters }) => node("tr", {},
        node("th", { scope: "row" }, inputName(input)), node("td", {}, siteopt.one(description), matters ? null : node("small", {}, text("inputs.idle"))))))),
      rows.length ? [node("h3", {}, `${text("inputs.rows")} (${siteopt.number(count)})`),
        node("table", { class: "plain" }, node("tbody", {}, rows.map((row) => node("tr", {}, node("th", { scope: "row" }, row.row, node("small", {}, inputName(["layer", row.layer]))), node("td", {}, rowText(row)))))),
        count > rows.length ? node("p", { class: "hint" }, text("inputs.more", { n: siteopt.number(count - rows.length) })) : null] : null);
  };

  siteopt.pairCard = (site) => {
    const pair = (key, values) => node("tr", {}, node("th", { scope: "row" }, key), values.map((one) => node("td", {}, one)));
    const withUnit = (value, unit) => (value === null || value === undefined ? "–" : `${siteopt.number(value)}${unit}`);
    return node("article", { class: "card pair" }, node("h2", {}, siteopt.one(site.name), node("small", {}, siteopt.provinceName(site.province))),
      node("p", {}, node("span", { class: `word ${site.change}` }, text(`change.${site.change}`))),
      node("table", {}, node("thead", {}, node("tr", {}, node("td", {}), node("th", {}, text("compare.before")), node("th", {}, text("compare.after")))),
        node("tbody", {}, pair("IT", site.it_mw.map((one) => withUnit(one, " MW"))), pair("kV", site.kv.map((one) => (one === null ? "–" : String(one)))),
          pair(text("list.rank"), site.rank.map((one) => withUnit(one, ""))),
          site.open_year.some((one) => one !== null) ? pair(text("change.rescheduled"), site.open_year.map((one) => one ?? "–")) : null)),
      site.how ? node("p", { class: "why" }, node("b", {}, `${text("list.cause")}: `), causeName(site), site.cause.length ? node("small", {}, ` (${text(`how.${site.how}`)})`) : null) : null,
      site.sure ? null : node("p", {}, text("compare.unproven")));
  };
})();
