// @ts-check
"use strict";
// The summary: question, answer, how sure, renewables, five figures, what would change it, how to go on.
(() => {
  const CHANGES = 3;
  const { node, text } = siteopt;

  const question = () => {
    const { it_mw: mw, year, objective } = siteopt.data.scenario;
    return text(objective === "suitability" ? "summary.question_suitability" : "summary.question", { mw: siteopt.number(mw), year });
  };
  // By province how many sites and how much load, the most first.
  const shares = () => {
    const { sites } = siteopt.data;
    const found = new Map();
    for (const row of siteopt.chosen) {
      const [count, mw] = found.get(sites.province_code[row]) || [0, 0];
      found.set(sites.province_code[row], [count + 1, mw + sites.it_mw[row]]);
    }
    return [...found].sort((a, b) => b[1][1] - a[1][1] || (a[0] < b[0] ? -1 : 1));
  };
  const built = () => siteopt.chosen.reduce((sum, row) => sum + siteopt.data.sites.it_mw[row], 0);
  const answer = () => {
    if (!siteopt.chosen.length) return text("summary.no_site");
    const places = shares().map(([code, [n, mw]]) => text("summary.share", { province: siteopt.provinceName(code), n, mw: siteopt.number(mw) })).join(", ");
    return text("summary.answer", { places, n: siteopt.chosen.length, mw: siteopt.number(built()) });
  };
  const sure = () => {
    const { plan, robustness } = siteopt.data;
    if (!siteopt.chosen.length) return text("summary.sure_nothing");
    const proof = text(plan.status === "optimal" ? "summary.proven" : "summary.not_proven", { gap: siteopt.percent(plan.status === "optimal" ? Math.max(plan.solver_gap, plan.gap) : plan.gap) });
    if (!robustness) return `${proof} ${text("summary.no_draws")}`;
    const count = (kind) => siteopt.chosen.filter((row) => robustness.class[row] === kind).length;
    return `${proof} ${text("summary.drawn", { draws: robustness.draws.planned, robust: count("robust"), competitive: count("competitive"), n: siteopt.chosen.length, pct: siteopt.number(robustness.draws.robust_pct) })}`;
  };
  const renewables = () => {
    const { energy, scenario } = siteopt.data;
    if (energy) {
      const key = energy.matching === "annual" ? "annual_pct" : "hourly_pct";
      return text(`summary.clean_${energy.matching}`, { asked: siteopt.number(energy.asked_pct, 1), reached: siteopt.tenths(energy.replay[key]), krw: siteopt.tenths(energy.krw_kwh) });
    }
    return text("summary.clean_assumed", { pct: siteopt.number(scenario.clean_share_pct, 1) });
  };

  const figures = () => {
    const { plan, robustness, sites_count: all, scenario } = siteopt.data;
    const best = robustness && robustness.risk.best_plan;
    const mw = built();
    const rows = [
      ["summary.size", siteopt.chosen.length ? `IT ${siteopt.number(mw)} MW` : "–", text("summary.size_hint", { mw: siteopt.number(scenario.it_mw), year: scenario.year })],
      ["summary.sites", text("summary.places", { n: siteopt.chosen.length }), text("summary.sites_hint", { all: siteopt.number(all) })],
      ["summary.cost", siteopt.money(plan.cost_bn_krw), best ? text("summary.cost_range", { low: siteopt.money(best.p5), high: siteopt.money(best.p95) }) : text("summary.cost_hint")],
      plan.unit === "bn_krw" ? ["site.per_mw", mw ? siteopt.money(plan.cost_bn_krw / mw) : "–", text("summary.per_mw_hint")] : ["head.suitable", siteopt.worth(-plan.objective), text("summary.suitable_hint")],
      robustness ? ["summary.robust", `${siteopt.chosen.filter((row) => robustness.class[row] === "robust").length} / ${siteopt.chosen.length}`, text("summary.robust_hint", { pct: siteopt.number(robustness.draws.robust_pct) })]
        : ["head.gap", text("head.gap_most", { gap: siteopt.percent(plan.status === "optimal" ? Math.max(plan.solver_gap, plan.gap) : plan.gap) }), text("summary.gap_hint")],
    ];
    return node("dl", { class: "five" }, rows.map(([key, value, hint]) => node("div", {}, node("dt", {}, text(key)), node("dd", {}, value, node("small", {}, hint)))));
  };

  // What is nearest to changing the plan: thresholds of the draws, the closest rival, full limits.
  const changes = () => {
    const { sites, robustness, plan } = siteopt.data;
    const lines = [];
    if (robustness) {
      const drops = robustness.overturn.filter(([row, change]) => change === "drops" && siteopt.isChosen.has(row)).filter((line) => line[8] !== false).sort((a, b) => a[7] - b[7]);
      const told = new Set();
      for (const [row, ...line] of drops) {
        if (told.size >= CHANGES || told.has(row)) continue;
        told.add(row);
        lines.push([siteLink(row), ": ", siteopt.changeText(line)]);
      }
      if (!drops.length) lines.push(text("summary.no_threshold"));
    }
    const rivals = sites.site_id.map((id, row) => row).filter((row) => !siteopt.isChosen.has(row) && sites.regret[row] !== null);
    const near = rivals.reduce((best, row) => (best === null || sites.regret[row] < sites.regret[best] ? row : best), /** @type {number | null} */ (null));
    if (near !== null && siteopt.chosen.length) lines.push([text("summary.rival", { worth: siteopt.worth(sites.regret[near]) }), " ", siteLink(near)]);
    const full = plan.limits.filter(({ room, family }) => room === "full" && family !== "target").length;
    if (full) lines.push(text("summary.full", { n: full }));
    if (!lines.length) lines.push(text("summary.unknown"));
    return lines;
  };
  const siteLink = (row) => node("button", { type: "button", class: "link", onclick: () => siteopt.openSite(row) }, siteopt.siteName(row));

  const onward = () => ["chosen", "ranking", "compare", "robustness", "assumptions", "alternatives", "energy", "weights"].filter(siteopt.hasTab).map((name) =>
    node("button", { type: "button", class: "plain", onclick: () => siteopt.showTab(name, true) }, node("b", {}, text(`tab.${name}`)), node("small", {}, text(`onward.${name}`))));

  siteopt.summaryPage = () => node("div", { class: "summary" },
    node("h3", {}, text("summary.question_head")), node("p", {}, question()),
    node("h3", {}, text("summary.answer_head")), node("p", { class: "lead" }, answer()),
    figures(),
    node("h3", {}, text("summary.sure_head")), node("p", {}, sure()),
    node("h3", {}, text("summary.clean_head")), node("p", {}, renewables()),
    node("h3", {}, text("summary.change_head")), node("ul", { class: "overturn" }, changes().map((line) => node("li", {}, line))),
    node("h3", {}, text("summary.onward_head")), node("div", { class: "onward" }, onward()),
    node("p", { class: "hint" }, text("page.notice_long")));
})();
