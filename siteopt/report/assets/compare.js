// @ts-check
"use strict";
// Why this site and not that one: what a MW costs at either, by component.
(() => {
  const NEXT = 10; // of the best sites that are not chosen
  const LEAST = 0.005; // bn won a MW: what the figures show
  const { node, text } = siteopt;
  const costed = (row) => siteopt.data.sites.cost_bn_krw[row] !== null;

  // The sites not chosen that have a cost, best first.
  const others = () => siteopt.data.sites.site_id.map((id, row) => row).filter((row) => !siteopt.isChosen.has(row) && costed(row));
  // The site that its verdict sets it against.
  siteopt.rival = (row) => siteopt.verdict("rival", row) ?? undefined;

  // By component what a MW of IT costs here, there, and the difference; the largest first.
  siteopt.costGaps = (row, other) => {
    const { components, costs, sites } = siteopt.data;
    return components.map((name, place) => {
      const [here, there] = [row, other].map((one) => (costs[place][one] || 0) / (sites.discounted_it_mw || sites.it_mw)[one]);
      return { name, here, there, gap: here - there };
    }).filter(({ gap }) => Math.abs(gap) >= LEAST).sort((a, b) => Math.abs(b.gap) - Math.abs(a.gap));
  };

  siteopt.comparison = (row) => {
    const first = costed(row) ? siteopt.rival(row) : undefined;
    if (first === undefined) return null;
    const next = others().slice(0, NEXT);
    /** @type {[string, number[]][]} */
    const all = [["compare.chosen", siteopt.chosen], ["compare.next", next.includes(first) || siteopt.isChosen.has(first) ? next : [...next, first]]];
    const option = (other) => node("option", { value: other, selected: other === first }, `${siteopt.rankText(other)} ${siteopt.siteName(other)}`);
    const table = node("table", {});
    const write = (other) => table.replaceChildren(...tableOf(row, other));
    const select = node("select", { "aria-label": text("compare.other"), onchange: (event) => write(Number(event.target.value)) },
      all.map(([label, rows]) => node("optgroup", { label: text(label) }, rows.filter((other) => other !== row && costed(other)).map(option))));
    write(first);
    return node("section", { class: "compare" }, node("h3", {}, text("compare.title")),
      node("label", { class: "other" }, text("compare.other"), select), node("p", { class: "hint" }, text(siteopt.each ? "years.compare_unit" : "compare.unit")), table);
  };
  const tableOf = (row, other) => {
    const { bn_krw_per_mw: perMw } = siteopt.data.sites;
    const sign = (gap) => (Math.abs(gap) < LEAST ? null : gap > 0 ? "more" : "less");
    const line = ({ label, here, there, gap }) => node("tr", {}, node("th", { scope: "row" }, label),
      node("td", {}, siteopt.unitMoney(here)), node("td", {}, siteopt.unitMoney(there)),
      node("td", { class: sign(gap) }, siteopt.unitMoney(gap, true)));
    const head = ["compare.this", "compare.that", "compare.gap"].map((key) => node("th", { scope: "col" }, text(key)));
    const lines = siteopt.costGaps(row, other).map((one) => line({ ...one, label: siteopt.word("cost.", one.name) }));
    const total = line({ label: text("site.total"), here: perMw[row], there: perMw[other], gap: perMw[row] - perMw[other] });
    return [node("thead", {}, node("tr", {}, node("td", {}), head)), node("tbody", {}, lines), node("tfoot", {}, total)];
  };
})();
