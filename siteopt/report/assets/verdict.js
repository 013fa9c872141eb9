// @ts-check
"use strict";
// Verdicts of the sites: decided in verdict.py, rendered here.
(() => {
  const NAMED = 3; // branches in a sentence
  const MINUS = "\u2212";
  const { text } = siteopt;

  siteopt.readVerdicts = (verdicts) => {
    Object.assign(verdicts, verdicts.columns);
    siteopt.unpackLater(verdicts, Object.keys(verdicts.columns));
  };
  siteopt.verdict = (name, row) => siteopt.data.verdicts[name][row];

  const places = {
    site: (id) => (siteopt.rows.has(id) ? siteopt.siteName(siteopt.rows.get(id)) : id),
    station: (id) => siteopt.stationName(id),
    area: (id) => siteopt.areaName(id),
    province: (id) => siteopt.provinceName(id),
    district: (id) => siteopt.districtName(id),
    basin: (id) => siteopt.basinName(id),
    snapshot: (id) => siteopt.snapshotName(id),
  };
  siteopt.placeName = (kind, id) => places[kind](id);
  const branches = ({ limits, more = 0 }) => siteopt.limitNames(limits, more);
  const kinds = {
    n: (value, digits) => siteopt.number(value, digits),
    money: (bn) => siteopt.money(bn),
    signed: (bn) => (bn > 0 ? "+" : bn < 0 ? MINUS : "") + siteopt.money(Math.abs(bn)),
    text: (key) => (siteopt.data.texts[key] ? text(key) : key.slice(key.indexOf(".") + 1)),
    both: (ko, en) => siteopt.one([ko, en]),
    "as is": (word) => word,
    of: (fact) => (fact ? siteopt.render(fact) : ""),
    list: (between, facts) => facts.map(siteopt.render).join(between),
    flow: (place) => branches(siteopt.data.grid.flows[place]),
    further: (place) => branches(siteopt.data.grid.further[place]),
    ...places,
  };
  // A fact in words, as `say` in facts.py renders it.
  siteopt.render = ([key, values]) =>
    text(key, Object.fromEntries(Object.entries(values).map(([name, [kind, ...rest]]) => [name, kinds[kind](...rest)])));

  // The first few of some limits, and how many more there are.
  siteopt.limitNames = (limits, more = 0) => {
    const named = limits.slice(0, NAMED).map(siteopt.limitName).join(", ");
    const rest = Math.max(0, limits.length - NAMED) + more;
    return rest > 0 ? text("grid.more", { branches: named, n: rest }) : named;
  };

  // The two facts whose figures are columns: cost against the rival, and a cut known by its bound.
  const gapFact = (row) => {
    const gap = siteopt.verdict("gap", row);
    const parts = [0, 1].filter((one) => siteopt.verdict(`part_${one}`, row) !== null).map((one) =>
      ["cost.part", { name: ["text", `cost.${siteopt.verdict(`part_${one}`, row)}`], money: ["signed", siteopt.verdict(`gap_${one}`, row)] }]);
    const site = siteopt.data.sites.site_id[siteopt.verdict("rival", row)];
    return [gap > 0 ? "why.dearer" : "why.cheaper", { site: ["site", site], money: ["money", Math.abs(gap)], parts: ["list", ", ", parts] }];
  };
  const cutFact = (row) => ["explain.cut_least", { money: ["money", siteopt.data.sites.lower[row]], share: ["of", null] }];
  // Lines of a verdict: causes, gates or changes.
  siteopt.lines = (name, row) => (siteopt.verdict(name, row) || "").split(" ").filter(Boolean).map((word) =>
    siteopt.render(word === "gap" ? gapFact(row) : word === "cut" ? cutFact(row) : siteopt.data.verdicts.facts[Number(word)]));
})();
