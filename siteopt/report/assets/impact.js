// @ts-check
"use strict";
// The grid impact assessment of a site: an estimate, in the texts of `impact_texts` in impact.py.
(() => {
  const { node, text } = siteopt;
  const points = (value) => (Math.abs(value) < 0.05 ? 0 : value).toFixed(1);

  siteopt.readImpact = (impact) => {
    if (!impact) return;
    siteopt.unpackLater(impact, ["applies", "outlook", "points", "points_possible", "points_unknown", "total_min", "total_max"]);
    for (const item of impact.items) if (item.points) siteopt.unpackLater(item, ["points"]);
  };

  // Null where nothing is known of the site.
  siteopt.impact = (row) => {
    const { impact } = siteopt.data;
    if (!impact || impact.applies[row] === null) return null;
    const title = node("h3", {}, text("impact.title"));
    if (!impact.applies[row]) return node("section", { class: "impact" }, title, node("p", {}, text("impact.none")));
    return node("section", { class: "impact" }, title,
      node("p", {}, text("impact.sum", { points: points(impact.points[row]), most: impact.points_possible[row] })),
      node("p", {}, outlook(row)),
      node("details", {}, node("summary", {}, text("impact.details")),
        node("ul", {}, lines(row).map((line) => node("li", {}, line)))));
  };
  const outlook = (row) => {
    const { total_min: low, total_max: high, pass_score: needed, outlook: of } = siteopt.data.impact;
    return text("impact.total", { low: points(low[row]), high: points(high[row]), needed, outlook: text(`impact.${of[row]}`) });
  };
  const lines = (row) => {
    const { items, points_unknown: most, version } = siteopt.data.impact;
    const known = (item) => item.points && item.points[row] !== null;
    const unknown = [...items.filter((item) => item.points && !known(item)), ...items.filter((item) => !item.points && item.kind !== "pass_fail")];
    return [...items.filter((item) => item.points).map((item) => itemText(item, known(item) ? points(item.points[row]) : null)),
      ...(items.some((item) => item.kind === "pass_fail") ? [text("impact.voltage")] : []),
      text("impact.unknown", { points: most[row], items: unknown.map((item) => siteopt.one(item.title)).join(", ") }),
      text("impact.version", { version: siteopt.word("impact.scoring.", version) })];
  };
  const itemText = (item, earned) => {
    const ends = item.least ? text("impact.ends", { least: item.least, most: item.most }) : item.most;
    return text(earned === null ? "impact.item_unknown" : "impact.item", { item: siteopt.one(item.title), points: earned, ends });
  };
})();
