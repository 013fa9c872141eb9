// @ts-check
"use strict";
// The panel of a scenario set: agreement, sites, variants, regret; the card of a site.
(() => {
  const { node, text } = siteopt;
  const planTitle = (id) => siteopt.one(siteopt.data.plans.find((one) => one.id === id).title);
  const amount = (value) => (value === null ? "–" : siteopt.unitMoney(value));

  siteopt.inPlans = ({ plans }) => text("site.plans", { k: plans, n: siteopt.data.solved });

  siteopt.writeFigures = () => {
    const { solved, variants, agreement } = siteopt.data;
    const places = agreement.filter(({ no_regret: agreed }) => agreed);
    const of = (level) => places.filter((one) => one.level === level).length;
    const figures = [
      ["figure.variants", text("figure.solved", { k: solved, n: variants.length })],
      ["figure.sites", String(of("site"))], ["figure.stations", String(of("station"))],
      ["figure.districts", String(of("district"))], ["figure.provinces", String(of("province"))],
    ];
    document.getElementById("figures").replaceChildren(...figures.map(([key, value]) => node("div", {}, node("dt", {}, text(key)), node("dd", {}, value))));
  };

  const agreementPage = () => {
    const { agreement, finest, solved, variants } = siteopt.data;
    const levels = ["site", "station", "district", "province"];
    return node("div", {},
      node("p", { class: "answer" }, finest ? text("agreement.finest", { level: text(`level.${finest}`) }) : text("agreement.none")),
      node("p", { class: "hint" }, text("agreement.intro"), solved < variants.length ? ` ${text("agreement.solved", { k: solved, n: variants.length })}` : ""),
      levels.map((level) => {
        const own = agreement.filter((one) => one.level === level && one.no_regret);
        return [node("h3", {}, `${text(`level.${level}`)} (${own.length})`),
          own.length ? node("table", { class: "plain" }, node("tbody", {}, own.map((one) => node("tr", {}, node("th", { scope: "row" }, siteopt.one(one.name)), node("td", { class: "amount" }, text("agreement.least", { mw: siteopt.number(one.it_mw_least) })))))) : node("p", { class: "hint" }, text("agreement.nothing"))];
      }));
  };

  const sitesPage = () => node("div", {},
    node("p", { class: "hint" }, text("sites.intro", { n: siteopt.data.solved })),
    node("ol", { class: "sites" }, siteopt.data.sites.list.map((site, row) => node("li", {},
      node("button", { type: "button", class: "site", "data-site": site.id, onclick: () => siteopt.open(row) }, siteopt.mark(site),
        node("span", { class: "about" }, node("b", {}, siteopt.one(site.name)),
          node("small", {}, [siteopt.provinceName(site.province), siteopt.inPlans(site)].join(" · "))))))));

  const variantsPage = () => node("div", {}, siteopt.data.equal ? node("p", { class: "hint" }, text("variants.equal")) : null,
    node("table", { class: "plain" }, node("thead", {}, node("tr", {}, ["variants.variant", "variants.probability", "variants.cost"].map((key, place) => node("th", { class: place ? "amount" : "", scope: "col" }, text(key, { unit: text("unit.money") }))))),
      node("tbody", {}, siteopt.data.variants.map((one) => node("tr", {},
        node("th", { scope: "row" }, siteopt.one(one.title), node("small", {}, one.sets), one.note ? node("small", {}, one.note) : null),
        node("td", { class: "amount" }, siteopt.percent(one.probability)),
        node("td", { class: "amount" }, one.cost === null ? text(`status.${one.status.replace(" ", "_")}`) : amount(one.cost), one.cost === null ? null : node("small", {}, text(`status.${one.status}`))))))));

  const regretPage = () => {
    const { regret, solved_ids: solved, proofs } = siteopt.data;
    const least = (name) => Math.min(...regret.map((one) => one[name] ?? Infinity));
    const cell = (one, name) => node("td", { class: `amount ${one[name] === null ? "broken" : one[name] <= least(name) + 1e-9 ? "best" : ""}` }, amount(one[name]));
    return node("div", {}, node("p", { class: "hint" }, text("regret.intro", { unit: text("unit.money") })),
      node("table", { class: "plain" }, node("thead", {}, node("tr", {}, ["regret.plan", "regret.expected", "regret.largest"].map((key, place) => node("th", { class: place ? "amount" : "", scope: "col" }, text(key))))),
        node("tbody", {}, regret.map((one) => node("tr", {}, node("th", { scope: "row" }, planTitle(one.plan), node("small", {}, one.breaks.length ? text("regret.breaks", { where: one.breaks.map(planTitle).join(", ") }) : one.max === null ? "" : text("regret.worst", { variant: planTitle(one.worst) }))), cell(one, "expected"), cell(one, "max"))))),
      Object.entries(proofs).map(([name, proof]) => node("p", { class: "hint" }, node("b", {}, planTitle(name)), ": ", text(`proof.${proof.status}`), proof.status === "feasible" ? ` (${amount(proof.value_bn_krw)} ≥ ${amount(proof.bound_bn_krw)})` : "")),
      node("h3", {}, text("regret.table")),
      node("div", { class: "scroll" }, node("table", { class: "plain regret" }, node("thead", {}, node("tr", {}, node("td", {}), solved.map((id) => node("th", { class: "amount", scope: "col" }, planTitle(id))))),
        node("tbody", {}, regret.map((one) => node("tr", {}, node("th", { scope: "row" }, planTitle(one.plan)), solved.map((id) => node("td", { class: `amount ${one.each[id] === null ? "broken" : ""}` }, amount(one.each[id])))))))));
  };

  siteopt.writePanel = () => siteopt.writeTabs(["agreement", "sites", "variants", "regret"], {
    agreement: agreementPage, sites: sitesPage, variants: variantsPage, regret: regretPage,
  });

  siteopt.loadCard = (site) => node("article", { class: "card loads" },
    node("h2", {}, siteopt.one(site.name), node("small", {}, siteopt.provinceName(site.province))),
    node("p", {}, siteopt.inPlans(site)),
    node("table", {}, node("tbody", {}, siteopt.data.plans.map(({ id, title }) => node("tr", {}, node("th", { scope: "row" }, siteopt.one(title)), node("td", {}, site.it_mw[id] ? `${siteopt.number(site.it_mw[id])} MW` : "–"))))));
})();
