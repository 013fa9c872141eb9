// @ts-check
"use strict";
// All candidates in a table: sorted, filtered, a page at a time, and as a CSV file.
(() => {
  const PAGE = 50; // rows at a time
  const CLASSES = ["robust", "competitive", "dominated", "not_possible"];
  const MONEY_DIGITS = 1;
  const { node, text } = siteopt;
  const NO_FILTER = { words: "", province: "", kind: "", low: "", high: "", least: "", most: "" };
  const state = { sort: "rank", down: false, page: 0, open: false, ...NO_FILTER };
  let rows = []; // those that pass the filters, in order

  const column = (name) => siteopt.data.sites[name];
  const loss = (row) => {
    const { value, regret, lower } = siteopt.data.sites;
    return (siteopt.isChosen.has(row) ? value[row] : regret[row]) ?? lower[row];
  };
  const stateOf = (row) => (siteopt.isChosen.has(row) ? "chosen" : siteopt.isImpossible(row) ? "impossible" : "other");
  const kindOf = (row) => (siteopt.data.robustness ? siteopt.data.robustness.class[row] : stateOf(row));
  const kindText = (kind) => (siteopt.data.robustness ? text(`class.${kind}`) : text(`table.state_${kind}`));
  const placeText = (row) => {
    const { province_code: province, district_code: district } = siteopt.data.sites;
    const names = [siteopt.provinceName(province[row]), siteopt.districtName(district[row])].filter(Boolean);
    return siteopt.language === "ko" ? names.join(" ") : names.reverse().join(", ");
  };
  const costUnit = () => (siteopt.language === "ko" ? 10 : 1); // 억 won in a billion
  const fixed = (value, digits) => (value === null || value === undefined ? "–" : siteopt.fixed(value, digits));
  const perMw = (row) => (column("bn_krw_per_mw")[row] === null ? "–" : fixed(column("bn_krw_per_mw")[row] * costUnit(), 2));

  // Columns: what a row is sorted by, what is shown, whether a narrow list has it; `files` are its
  // columns of ranking.csv.
  /** @type {(name: string, title: string, digits: number, more?: Record<string, any>) => any} */
  const numeric = (name, title, digits, more = {}) => ({ name, title, by: (row) => column(name)[row], show: (row) => siteopt.number(column(name)[row], digits), right: true, files: [name], ...more });
  /** @returns {any[]} */
  const columns = () => {
    const { sites, robustness, suitability } = siteopt.data;
    return [
      { name: "rank", title: "table.rank", by: (row) => sites.rank[row], show: siteopt.rankMark, hint: siteopt.rankHint, right: true, narrow: true, files: ["rank", "rank_low", "rank_high"] },
      { name: "name", title: "table.name", by: (row) => siteopt.siteName(row), words: true, narrow: true, files: ["site_id", "name_ko", "name_en"] },
      { name: "place", title: "site.place", by: placeText, show: placeText, words: true, files: ["province_code", "district_code"] },
      { name: "class", title: robustness ? "table.class" : "table.state", by: (row) => (robustness ? CLASSES.indexOf(kindOf(row)) : ["chosen", "other", "impossible"].indexOf(kindOf(row))),
        show: (row) => (robustness ? siteopt.classBadge(row) : kindText(kindOf(row))), narrow: true, files: robustness ? ["class"] : [] },
      robustness && { name: "in_plan_pct", title: "table.in_plan", by: (row) => robustness.in_plan_pct[row], show: (row) => siteopt.number(robustness.in_plan_pct[row]), right: true, files: ["in_plan_pct"] },
      numeric("bn_krw_per_mw", "table.per_mw", 0, { show: perMw, narrow: true }),
      { name: "loss", title: "table.loss", by: loss, show: siteopt.valueText, right: true, files: ["value", "regret", "lower", "upper"] },
      numeric("it_mw", "table.it_mw", MONEY_DIGITS),
      numeric("cost_bn_krw", "table.cost", 0, { show: (row) => siteopt.money(sites.cost_bn_krw[row]) }),
      { name: "station", title: "site.station", by: (row) => siteopt.stationName(sites.station_id[row]), show: (row) => siteopt.stationName(sites.station_id[row]), words: true, files: ["station_id"] },
      numeric("voltage_kv", "table.voltage", MONEY_DIGITS),
      numeric("route_km", "table.route", MONEY_DIGITS),
      sites.headroom_mw && numeric("headroom_mw", "table.headroom", 0),
      sites.suitability && numeric("suitability", "table.suitability", 3, { show: (row) => fixed(sites.suitability[row], 3) }),
      suitability && siteopt.isReweighted() && { name: "reweighted", title: "table.reweighted", by: siteopt.reweighted, show: (row) => fixed(siteopt.reweighted(row), 3), right: true, files: [] },
    ].filter((one) => one && (!one.files.length || one.files.every((file) => file in sites || ["class", "in_plan_pct"].includes(file))));
  };

  // What the words of a row are sorted by, in the alphabet of the language; made once for each.
  const ordered = new Map();
  const placesOf = ({ name, by }) => {
    const key = `${siteopt.language} ${name}`;
    if (!ordered.has(key)) {
      const { compare } = new Intl.Collator(siteopt.language);
      const words = siteopt.data.sites.site_id.map((id, row) => by(row) || "");
      const place = new Map([...new Set(words)].sort(compare).map((word, at) => [word, at]));
      ordered.set(key, words.map((word) => place.get(word)));
    }
    return ordered.get(key);
  };
  // What a row is searched by; made once.
  let searched = null;
  const wordsOf = (row) => {
    const { sites } = siteopt.data;
    searched = searched || sites.site_id.map((id, at) => [id, sites.name_ko[at], sites.name_en[at], ...(siteopt.districts.get(sites.district_code[at]) || []),
      ...(siteopt.provinces.get(sites.province_code[at]) || []), siteopt.stationName(sites.station_id[at])].join("\n").toLowerCase());
    return searched[row];
  };

  const bound = (value, otherwise) => (value === "" || Number.isNaN(Number(value)) ? otherwise : Number(value));
  const filtered = () => {
    const { sites } = siteopt.data;
    const words = state.words.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const [low, high] = [bound(state.low, -Infinity), bound(state.high, Infinity)];
    const [least, most] = [bound(state.least, -Infinity), bound(state.most, Infinity)].map((cost) => cost / costUnit());
    const within = (value, from, to) => (value === null || value === undefined ? from === -Infinity && to === Infinity : value >= from && value <= to);
    const found = [];
    for (let row = 0; row < sites.site_id.length; row += 1) {
      if ((!state.province || sites.province_code[row] === state.province) && (!state.kind || kindOf(row) === state.kind)
        && within(sites.rank[row], low, high) && within(sites.bn_krw_per_mw[row], least, most)
        && words.every((word) => wordsOf(row).includes(word))) found.push(row);
    }
    return found;
  };
  // Sites of which a figure is not known stand last, whichever way the table is sorted.
  const sorted = (found) => {
    const by = columns().find(({ name }) => name === state.sort) || columns()[0];
    const keys = by.words ? placesOf(by) : null;
    const key = found.map((row) => (keys ? keys[row] : by.by(row)));
    const sign = state.down ? -1 : 1;
    return found.map((row, at) => at).sort((a, b) => {
      if (key[a] === null || key[a] === undefined) return key[b] === null || key[b] === undefined ? a - b : 1;
      if (key[b] === null || key[b] === undefined) return -1;
      return sign * (key[a] - key[b]) || a - b;
    }).map((at) => found[at]);
  };
  // Rows in the order that is shown; the tests read it.
  siteopt.tableRows = () => rows;

  /** @type {any} */
  let parts = null; // elements that are written anew
  const update = (page = 0) => {
    state.page = page;
    rows = sorted(filtered());
    write();
  };
  const write = () => {
    const last = Math.max(0, Math.ceil(rows.length / PAGE) - 1);
    state.page = Math.min(state.page, last);
    const from = state.page * PAGE;
    const all = columns();
    parts.head.replaceChildren(node("tr", {}, node("th", { scope: "col", class: "pick" }, node("span", { class: "unseen" }, text("compare.pick"))), all.map(header)));
    parts.body.replaceChildren(...rows.slice(from, from + PAGE).map((row) => line(row, all)));
    parts.count.textContent = rows.length ? text("table.count", { n: siteopt.number(rows.length), all: siteopt.number(siteopt.data.sites_count) }) : text("list.none");
    parts.where.textContent = rows.length ? text("table.where", { a: siteopt.number(from + 1), b: siteopt.number(Math.min(from + PAGE, rows.length)), n: siteopt.number(rows.length) }) : "";
    for (const [button, off] of [[parts.first, state.page === 0], [parts.back, state.page === 0], [parts.next, state.page === last], [parts.end, state.page === last]]) button.disabled = off;
  };
  const classes = ({ right, narrow }) => [right && "right", !narrow && "more"].filter(Boolean).join(" ") || null;
  const header = (one) => {
    const sign = state.sort === one.name ? (state.down ? " ▼" : " ▲") : "";
    const sort = () => {
      state.down = state.sort === one.name && !state.down;
      state.sort = one.name;
      update();
      const again = /** @type {HTMLElement} */ (parts.head.querySelector(`[data-sort="${one.name}"]`));
      if (again) again.focus();
    };
    return node("th", { scope: "col", class: classes(one), "aria-sort": state.sort === one.name ? (state.down ? "descending" : "ascending") : null },
      node("button", { type: "button", "data-sort": one.name, onclick: sort }, text(one.title), node("span", { "aria-hidden": "true" }, sign)));
  };
  const line = (row, all) => {
    const open = () => openSite(row);
    const cells = all.map((one) => (one.name === "name"
      ? node("th", { scope: "row", class: classes(one) }, node("button", { type: "button", class: "link site-link", title: text("site.show"), "data-site": siteopt.data.sites.site_id[row], onclick: open }, siteopt.siteName(row)),
        node("small", { class: "less" }, placeText(row)))
      : node("td", { class: classes(one), title: one.hint ? one.hint(row) : null }, one.show(row))));
    const pressed = (event) => {
      if (!event.target.closest("button, input, label")) open();
    };
    return node("tr", { class: siteopt.isChosen.has(row) ? "chosen" : null, onclick: pressed }, node("td", { class: "pick" }, siteopt.comparePick(row)), cells);
  };
  // Card and place of a site; a map that the table covers is shown again.
  const openSite = (row) => {
    if (siteopt.map.getContainer().clientWidth < 420) siteopt.widen(false);
    siteopt.open(row);
  };
  siteopt.openSite = openSite;

  const field = (label, input) => node("label", {}, node("span", {}, label), input);
  const figureField = (name, label) => {
    const input = node("input", { type: "number", inputmode: "decimal", step: "any", "aria-label": label, oninput: (event) => { state[name] = event.target.value; update(); } });
    input.value = state[name];
    return input;
  };
  const choice = (name, label, options) => field(label, node("select", { onchange: (event) => { state[name] = event.target.value; update(); } },
    [["", text("table.any")], ...options].map(([value, said]) => node("option", { value, selected: value === state[name] }, said))));
  const range = (label, low, high) => node("div", { class: "range", role: "group", "aria-label": label }, node("span", {}, label),
    figureField(low, `${label}: ${text("table.from")}`), "–", figureField(high, `${label}: ${text("table.to")}`));
  const filters = () => {
    const { sites, robustness } = siteopt.data;
    const collator = new Intl.Collator(siteopt.language);
    const provinces = [...new Set(sites.province_code)].filter(Boolean).map((code) => [code, siteopt.provinceName(code)]).sort((a, b) => collator.compare(a[1], b[1]));
    const kinds = robustness ? CLASSES : ["chosen", "other", "impossible"];
    const search = node("input", { type: "search", id: "search", placeholder: text("list.search"), "aria-label": text("list.search"), oninput: (event) => { state.words = event.target.value; update(); } });
    search.value = state.words;
    const more = node("details", { class: "filters", open: state.open, ontoggle: (event) => { state.open = event.target.open; } },
      node("summary", {}, text("table.filters")),
      node("div", { class: "fields" },
        choice("province", text("table.province"), provinces),
        choice("kind", text(robustness ? "table.class" : "table.state"), kinds.map((kind) => [kind, kindText(kind)])),
        range(text("table.rank_range"), "low", "high"), range(text("table.per_mw"), "least", "most"),
        node("button", { type: "button", class: "plain", onclick: () => { Object.assign(state, NO_FILTER); siteopt.writePage("ranking"); } }, text("table.reset"))));
    return [search, more];
  };
  const button = (key, sign, page) => node("button", { type: "button", class: "plain", "aria-label": text(key), title: text(key), onclick: () => { state.page = page(); write(); parts.scroll.scrollTop = 0; } }, sign);

  siteopt.rankingPage = () => {
    const { robustness } = siteopt.data;
    parts = { head: node("thead", {}), body: node("tbody", {}), count: node("p", { class: "hint", role: "status" }), where: node("span", {}),
      first: button("table.first", "«", () => 0), back: button("table.back", "‹", () => state.page - 1),
      next: button("table.next", "›", () => state.page + 1), end: button("table.end", "»", () => Infinity) };
    parts.scroll = node("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("tab.ranking") },
      node("table", { class: "all-sites" }, node("caption", { class: "unseen" }, text("table.caption")), parts.head, parts.body));
    const beyond = siteopt.data.sites_count - siteopt.data.sites.site_id.length;
    const page = node("div", { class: "needs-room" },
      node("div", { class: "over" }, siteopt.widenButton(), node("button", { type: "button", class: "plain", onclick: download }, text("table.csv"))),
      filters(), parts.count, parts.scroll,
      node("p", { class: "pager" }, parts.first, parts.back, parts.where, parts.next, parts.end),
      node("p", { class: "hint" }, text(siteopt.each ? "table.note_years" : "table.note"), robustness ? ` ${text("table.note_class")}` : "", beyond > 0 ? ` ${text("table.beyond", { n: siteopt.number(beyond) })}` : ""));
    rows = sorted(filtered());
    write();
    return page;
  };

  // The sites that are shown, with the figures of ranking.csv. Spreadsheets take a text that
  // begins like a formula for one: it gets an apostrophe, as in all files of a run.
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const harmless = (said) => {
    if (NUMBER.test(said)) return said;
    const rest = said.replace(/^'+/, "");
    const first = rest.replace(/^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]+/u, "").normalize("NFKC").charAt(0);
    return /^[\t\r\n]/.test(rest) || (first && "=+-@−".includes(first)) ? `'${said}` : said;
  };
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const said = harmless(String(value));
    return /[",\r\n]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
  };
  const fileColumns = () => {
    const { sites, robustness, plan } = siteopt.data;
    const of = (name) => (["class", "in_plan_pct"].includes(name) ? robustness[name] : sites[name]);
    const files = [...new Set(columns().flatMap((one) => one.files))];
    const unit = (name) => (["value", "regret", "lower", "upper"].includes(name) ? `${name}_${plan.unit}` : name);
    return [["chosen", (row) => (siteopt.isChosen.has(row) ? "True" : "False")], ...files.map((name) => [unit(name), (row) => of(name)[row]]),
      ...(siteopt.data.suitability && siteopt.isReweighted() ? [["suitability_reweighted", siteopt.reweighted]] : [])];
  };
  siteopt.tableCsv = () => {
    const all = fileColumns();
    const title = (name) => (siteopt.language === "ko" ? `${siteopt.word("csv.", name)}` : name);
    return `\ufeff${[all.map(([name]) => cell(title(name))).join(","), ...rows.map((row) => all.map(([, of]) => cell(of(row))).join(","))].join("\n")}\n`;
  };
  const download = () => {
    const address = URL.createObjectURL(new Blob([siteopt.tableCsv()], { type: "text/csv;charset=utf-8" }));
    const link = node("a", { href: address, download: `${siteopt.data.scenario.name.replace(/[^\p{L}\p{N}._-]+/gu, "-")}-sites.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 0);
  };
})();
