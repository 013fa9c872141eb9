// @ts-check
"use strict";
// Assumptions of the run: settings of the scenario, prices, thresholds, their ranges, what they move.
(() => {
  const GROUPS = ["finance", "building", "power", "connection", "land", "water", "network", "climate", "screening", "score", "other"];
  const SHARE = 100;
  const { node, text } = siteopt;
  const state = { words: "", moving: false, open: new Set(["settings", "exclusions"]) };

  // Settings carry their unit at the end of their name.
  const UNITS = [["_bn_krw_per_mw_year", "bn KRW/MW/year"], ["_bn_krw_per_mw", "bn KRW/MW"], ["_ha_per_mw", "ha/MW"], ["_max_mw", "MW"], ["_min_mw", "MW"], ["_mw", "MW"], ["_pct", "%"], ["_km", "km"], ["_kv", "kV"], ["_cell_m", "m"], ["tile_m", "m"], ["cell_m", "m"], ["_s", "s"]];
  const unitOf = (key) => {
    const parts = key.split(".").filter((part) => !/^\d{4}$/.test(part));
    if (/it_mw_by_year/.test(key)) return "MW";
    if (/_from_mw$/.test(key)) return "MW";
    const found = UNITS.find(([end]) => parts[parts.length - 1].endsWith(end));
    return found ? found[1] : "";
  };
  const written = (value) => {
    if (typeof value === "boolean") return text(value ? "setting.yes" : "setting.no");
    if (Array.isArray(value)) return value.map(written).join(", ");
    if (typeof value === "number") return Number.isInteger(value) && value > 1900 && value < 2100 ? String(value) : siteopt.number(value, 9);
    return siteopt.word("setting.", value);
  };
  const unitText = (unit) => siteopt.word("param_unit.", unit);
  const quantity = (value, unit) => `${written(value)}${unit ? `${/^[%(°℃]/.test(unitText(unit)) ? "" : " "}${unitText(unit)}` : ""}`;
  // The year of an entry by year, or the place of one of several, beside its name.
  const beside = (key) => (key.match(/\.(\d{4})$/) || key.match(/\[(\d+)\]/) || [])[1];

  const settings = () => node("table", { class: "limits" }, node("caption", { class: "unseen" }, text("assumption.settings")),
    node("thead", {}, node("tr", {}, node("th", { scope: "col" }, text("assumption.name")), node("th", { scope: "col" }, text("assumption.value")))),
    node("tbody", {}, siteopt.data.assumptions.settings.filter(([key, ko, en]) => fits([key, ko, en])).map(([key, ko, en, value]) => node("tr", { "data-key": key },
      node("th", { scope: "row" }, siteopt.one([ko, en]), beside(key) ? ` (${beside(key)})` : null, node("code", { lang: "en" }, key)),
      node("td", {}, quantity(value, unitOf(key)))))));
  const exclusions = () => node("table", { class: "limits" }, node("caption", { class: "unseen" }, text("assumption.exclusions")),
    node("thead", {}, node("tr", {}, node("th", { scope: "col" }, text("land.reason")), node("th", { scope: "col" }, text("land.rule")), node("th", { scope: "col" }, `${text("land.area")} (${text("unit.km2")})`))),
    node("tbody", {}, siteopt.data.reasons.filter(({ title }) => fits(title)).map((reason) => node("tr", {}, node("th", { scope: "row" }, siteopt.one(reason.title)),
      node("td", { class: "words" }, siteopt.one(reason.rule)), node("td", {}, siteopt.number(reason.area_km2))))));

  const fits = (said) => {
    const wanted = state.words.trim().toLowerCase();
    return !wanted || said.join("\n").toLowerCase().includes(wanted);
  };
  // What a parameter moves, as far as the draws tell: shares of the variance, and a threshold.
  const effectOf = (input) => (input && siteopt.data.assumptions.effects ? siteopt.data.assumptions.effects[input] || null : null);
  const moves = (input, held) => {
    const { effects } = siteopt.data.assumptions;
    if (!effects) return null;
    if (!input) return held ? text("assumption.held", { why: siteopt.word("held.", held) }) : text("assumption.not_drawn");
    const effect = effects[input];
    if (!effect) return text("assumption.no_effect");
    const said = ["cost", "choice"].filter((figure) => effect[figure] !== undefined).map((figure) => text(`assumption.moves_${figure}`, { pct: siteopt.number(effect[figure] * SHARE) }));
    if (effect.threshold) {
      const [site, change, from, to, unit, share] = effect.threshold;
      const row = siteopt.rows.get(site);
      said.push(text(`assumption.${change}`, { site: row === undefined ? site : siteopt.siteName(row), from: `${siteopt.figure(from)} ${unitText(unit)}`, to: `${siteopt.figure(to)} ${unitText(unit)}`, pct: siteopt.number(share) }));
    }
    return said.map((one) => node("span", { class: "cause" }, one));
  };
  const rangeText = (low, high) => (low === null || high === null ? "–" : low === high ? text("assumption.fixed") : `${siteopt.figure(low)}–${siteopt.figure(high)}`);
  const parameter = ([, key, ko, en, value, low, high, unit, source, confidence, input, held]) => node("tr", { "data-key": key, class: effectOf(input) ? "moves" : null },
    node("th", { scope: "row" }, siteopt.one([ko, en]), node("code", { lang: "en" }, key)),
    node("td", {}, quantity(value, unit === "-" ? "" : unit)), node("td", {}, rangeText(low, high)),
    node("td", {}, node("span", { class: `mark ${confidence.split("-")[0]}` }, siteopt.word("confidence.", confidence))),
    siteopt.data.assumptions.effects ? node("td", { class: "words" }, moves(input, held)) : null,
    node("td", { class: "words source more", lang: "en" }, source));
  const parameters = (group) => {
    const rows = siteopt.data.assumptions.parameters.filter((row) => row[0] === group && fits(row.slice(1, 4)) && (!state.moving || effectOf(row[10])));
    if (!rows.length) return null;
    const heads = ["assumption.name", "assumption.value", "assumption.range", "source.confidence", ...(siteopt.data.assumptions.effects ? ["assumption.moves"] : [])];
    return { count: rows.length, make: () => node("table", { class: "limits parameters" }, node("caption", { class: "unseen" }, text(`assumption.${group}`)),
      node("thead", {}, node("tr", {}, heads.map((key) => node("th", { scope: "col" }, text(key))), node("th", { scope: "col", class: "more" }, text("assumption.source")))),
      node("tbody", {}, rows.map(parameter))) };
  };
  // Contents are made when a part is opened: a page of three hundred rows is not needed at once.
  const part = (name, count, make) => {
    const content = node("div", {});
    const fill = () => {
      if (!content.firstChild) content.append(make());
    };
    const block = node("details", { class: "assumptions", open: state.open.has(name) || Boolean(state.words) || state.moving, ontoggle: (event) => {
      if (event.target.open) {
        state.open.add(name);
        fill();
      } else state.open.delete(name);
    } }, node("summary", {}, `${text(`assumption.${name}`)} (${siteopt.number(count)})`), content);
    if (block.open) fill();
    return block;
  };
  const parts = () => {
    const { settings: all } = siteopt.data.assumptions;
    const found = [];
    if (!state.moving) found.push(part("settings", all.length, settings), part("exclusions", siteopt.data.reasons.length, exclusions));
    for (const group of GROUPS) {
      const made = parameters(group);
      if (made) found.push(part(group, made.count, made.make));
    }
    return found.length ? found : [node("p", { class: "hint" }, text("assumption.none"))];
  };

  siteopt.assumptionsPage = () => {
    const { effects } = siteopt.data.assumptions;
    const list = node("div", {});
    const write = () => list.replaceChildren(...parts());
    const search = node("input", { type: "search", class: "by-name", placeholder: text("assumption.search"), "aria-label": text("assumption.search"), oninput: (event) => { state.words = event.target.value; write(); } });
    search.value = state.words;
    const only = node("input", { type: "checkbox", onchange: (event) => { state.moving = event.target.checked; write(); } });
    only.checked = state.moving;
    write();
    return node("div", { class: "needs-room" },
      node("div", { class: "over" }, siteopt.widenButton()),
      node("p", { class: "hint" }, text("assumption.intro")),
      node("p", { class: effects ? "hint" : "model-note" }, text(effects ? "assumption.drawn" : "assumption.no_draws")),
      search, effects ? node("label", { class: "check" }, only, text("assumption.only_moving")) : null, list,
      node("p", { class: "hint" }, text("assumption.confidence_note")));
  };
})();
