// @ts-check
"use strict";
// Clean energy of the plan: the answer, both scores, price, stock, the worst week, a day of Honam.
(() => {
  const TALL = 170;
  const LOW = 104;
  const CHART = { width: 316, left: 40, right: 13, top: 8, bottom: 20 };
  const COLOURS = { used: "#2a7f62", clean: "#a6d8b4", other: "#9aa3ad", available: "#c9a227", before: "#c8553d", after: "#123a63" };
  const DAY_H = 24;
  const LEAST_PCT = 0.05; // what the figures show
  const LEAST_MW = 0.5;
  const { node, text, drawing } = siteopt;
  let energy = null;

  siteopt.readEnergy = (read) => {
    energy = read;
    if (energy && energy.price) energy.price = siteopt.column(energy.price);
  };

  siteopt.energyPage = () => node("div", {}, answer(), scores(), siteopt.curveSection(), price(), contracts(), supply(), week(), honam());

  const kwh = (value) => siteopt.tenths(value);
  const pct = kwh;
  const asked = (scores_) => scores_[energy.matching === "annual" ? "annual_pct" : "hourly_pct"];

  // "Can 3,000 MW run on 80 % clean energy by the hour in 2035?", with both scores.
  const answer = () => {
    const program = asked(energy.program);
    const replay = asked(energy.replay);
    const enough = (score) => score >= energy.asked_pct - LEAST_PCT;
    const state = enough(program) && enough(replay) ? "yes" : enough(program) ? "partly" : "no";
    const figures = { program: pct(program), replay: pct(replay), short: pct(Math.max(0, energy.asked_pct - replay)), krw: kwh(energy.krw_kwh) };
    const word = text(`energy.${state}_word`);
    const yearly = energy.matching === "annual"; // the sentences are of another question then
    const said = siteopt.curveAnswer(yearly ? null : word, ranWhen);
    const both = node("p", {}, said && !yearly ? null : [node("b", {}, word), " "], text(`energy.${state}`, figures));
    return node("section", { class: `answer ${state}` },
      node("h3", {}, text(`energy.question_${energy.matching}`, { year: energy.year, mw: siteopt.number(siteopt.data.scenario.it_mw), pct: siteopt.number(energy.asked_pct, 1) })),
      yearly ? [both, said] : [said, both], siteopt.curveRangeHint());
  };

  const scores = () => {
    const head = ["energy.typical", "energy.replay", "energy.gap"].map((key) => node("th", { scope: "col" }, text(key)));
    const line = (name) => {
      const [typical, whole] = [energy.program[`${name}_pct`], energy.replay[`${name}_pct`]];
      const gap = whole - typical;
      return node("tr", {}, node("th", { scope: "row" }, text(`energy.${name}`)),
        node("td", {}, `${pct(typical)}%`), node("td", {}, `${pct(whole)}%`), node("td", {}, `${gap >= LEAST_PCT ? "+" : ""}${pct(gap)}`));
    };
    return [node("table", { class: "limits energy" }, node("caption", {}, text("energy.scores")), node("thead", {}, node("tr", {}, node("td", {}), head)),
      node("tbody", {}, ["hourly", "annual", "import", "excess"].map(line))),
      node("p", { class: "hint" }, text("energy.gap_hint"))];
  };

  const price = () => {
    const parts = energy.parts.filter(([, value]) => Math.abs(value) >= LEAST_PCT);
    const most = Math.max(...parts.map(([, value]) => Math.abs(value)), 1e-9);
    return node("section", {}, node("h3", {}, text("energy.price")),
      node("table", { class: "bars price" }, node("tbody", {}, parts.map(([name, value]) => node("tr", {},
        node("th", { scope: "row" }, siteopt.word("price.", name)),
        node("td", { class: "bar" }, node("i", { class: value < 0 ? "less" : "", style: `width:${((Math.abs(value) / most) * 100).toFixed(1)}%` })),
        node("td", { class: "amount" }, kwh(value))))),
      node("tfoot", {}, node("tr", {}, node("th", { scope: "row" }, text("energy.price_total")), node("td", {}), node("td", { class: "amount" }, kwh(energy.krw_kwh))))),
      node("p", { class: "hint" }, text("energy.price_hint")));
  };

  const technologies = () => [...new Set(energy.stock.map(({ technology }) => technology))];
  const name = (technology) => text(`technology.${technology}`);
  const dateText = (day) => {
    const [year, month, of] = day.split("-").map(Number);
    return month === 12 && of === 31 ? text("energy.end_of", { year }) : month ? text("energy.month_of", { year, month }) : text("years.year", { year });
  };
  // As of when it is known what runs of a technology; null where that is not known.
  const ranWhen = (technology) => {
    const running = energy.stock.find((row) => row.technology === technology && row.status === "operating");
    return running && running.as_of ? dateText(running.as_of) : null;
  };
  // "Onshore wind: 2,237 MW needed; 1,840 MW ran at the end of 2025", the scarcest first.
  const wanted = (technology) => {
    const rows = energy.stock.filter((row) => row.technology === technology);
    const mw = rows.reduce((sum, row) => sum + row.contracted_mw, 0);
    const running = rows.find(({ status }) => status === "operating");
    return { technology, mw, running, scarce: mw / Math.max(running ? running.mw : 0, LEAST_MW) };
  };
  const needed = ({ technology, mw, running }) => {
    const said = running && running.as_of ? text(energy.mainland ? "energy.running_mainland" : "energy.running", { when: dateText(running.as_of), mw: siteopt.number(running.mw) }) : text("energy.running_none");
    return node("li", {}, text("energy.needed", { name: name(technology), mw: siteopt.number(mw), running: said }));
  };
  const contracts = () => {
    const head = ["energy.contracted", "energy.usable", "energy.stock"].map((key) => node("th", { scope: "col" }, text(key)));
    const line = (row) => node("tr", { class: row.used_up && row.contracted_mw ? "binds" : "" },
      node("th", { scope: "row" }, text(`stock.${row.status}`), row.used_up && row.contracted_mw ? node("em", {}, ` ${text("energy.used_up")}`) : null),
      node("td", {}, siteopt.number(row.contracted_mw)), node("td", {}, siteopt.number(row.usable_mw)), node("td", {}, siteopt.number(row.mw)));
    const group = (technology) => {
      const rows = energy.stock.filter((row) => row.technology === technology);
      return node("tbody", {}, node("tr", { class: "group" }, node("th", { colspan: 4, scope: "rowgroup" }, name(technology))), rows.map(line));
    };
    const limits = energy.limits.map((limit) => node("li", {}, text(limit.managed ? "energy.limit_managed" : "energy.limit_built",
      { name: name(limit.technology), mw: siteopt.number(limit.mw), from: energy.works_begin, year: energy.year })));
    return node("section", {}, node("h3", {}, text("energy.contracts")), node("ul", { class: "needed" }, technologies().map(wanted).filter(({ mw }) => mw >= LEAST_MW).sort((a, b) => b.scarce - a.scarce).map(needed), limits),
      node("table", { class: "limits stock" }, node("thead", {}, node("tr", {}, node("td", {}), head)), technologies().map(group)),
      node("p", { class: "hint" }, text("energy.stock_hint")));
  };

  const supply = () => {
    const { replay, program, week: worst } = energy;
    const rows = [
      ["energy.storage", energy.storage_mw < LEAST_MW ? text("energy.no_storage") : text("energy.storage_of", { mw: siteopt.number(energy.storage_mw), mwh: siteopt.number(energy.storage_mwh) })],
      ["energy.emission", text("energy.emission_of", { tco2: siteopt.number(replay.tco2), other: siteopt.number(program.tco2) })],
      ["energy.worst", text("energy.worst_of", { days: span(worst), pct: pct(worst.pct) })],
    ];
    return node("section", {}, node("h3", {}, text("energy.further")), node("table", { class: "limits energy-facts" }, node("tbody", {}, rows.map(([key, value]) =>
      node("tr", {}, node("th", { scope: "row" }, text(key)), node("td", {}, value))))));
  };
  const dayText = ([month, day]) => text("energy.day", { month, day });
  const span = ({ from, to }) => text("energy.days", { from: dayText(from), to: dayText(to) });

  // Round figures from 0 to the most.
  const levels = (most) => {
    const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
    const step = [0.2, 0.5, 1, 2].map((times) => times * power).find((one) => most / one <= 4) || 2 * power;
    const found = [];
    for (let value = 0; value <= most + 1e-9; value += step) found.push(value);
    return found;
  };
  // A chart of hours: areas stacked from below or laid over each other, lines over them.
  const hourly = ({ label, height, count, most, ticks, areas = [], lines = [] }) => {
    const { width, left, right, top, bottom } = CHART;
    const x = (hour) => (left + (hour / count) * (width - left - right)).toFixed(1);
    const y = (mw) => (height - bottom - (mw / (most * 1.04)) * (height - top - bottom)).toFixed(1);
    // A value holds for its hour.
    const steps = (values) => values.flatMap((mw, hour) => [`${x(hour)},${y(mw)}`, `${x(hour + 1)},${y(mw)}`]);
    const area = ({ from, to, colour }) => drawing("path", { d: `M${steps(to).join("L")}L${steps(from).reverse().join("L")}Z`, fill: colour });
    const line = ({ values, colour, dash }) => drawing("path", { d: `M${steps(values).join("L")}`, fill: "none", stroke: colour, "stroke-width": 1.6, ...(dash ? { "stroke-dasharray": dash } : {}) });
    const grid = levels(most).map((mw) => [
      drawing("line", { x1: left - 3, x2: width - right, y1: y(mw), y2: y(mw) }),
      drawing("text", { x: left - 6, y: Number(y(mw)) + 4, "text-anchor": "end" }, siteopt.number(mw))]);
    const marks = ticks.map(([hour, said]) => [drawing("line", { x1: x(hour), x2: x(hour), y1: height - bottom, y2: height - bottom + 3 }),
      drawing("text", { x: x(hour), y: height - 5, "text-anchor": "middle" }, said)]);
    return drawing("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, grid, areas.map(area), lines.map(line), marks);
  };
  const figure = (title, chart, key, note) => node("figure", { class: "years hourly" }, node("figcaption", {}, title), chart,
    node("ul", { class: "key" }, key.map(([colour, said]) => node("li", {}, node("i", { style: `background:${colour}` }), text(said)))),
    note ? node("p", { class: "hint" }, note) : null);

  const week = () => {
    const { used, clean, other, from_hour: start } = energy.week;
    const zero = used.map(() => 0);
    const both = used.map((mw, hour) => mw + clean[hour]);
    const all = both.map((mw, hour) => mw + other[hour]);
    const most = Math.max(energy.load_mw, ...all);
    const { from } = energy.week;
    const first = new Date(Date.UTC(energy.year % 4 ? energy.year : energy.year - 1, from[0] - 1, from[1]));
    const ticks = [];
    for (let day = start ? 1 : 0; day * DAY_H - start < used.length; day += 1) {
      const date = new Date(first.getTime() + day * 86_400_000);
      ticks.push([day * DAY_H - start + (start ? 0 : DAY_H / 2), `${date.getUTCMonth() + 1}/${date.getUTCDate()}`]);
    }
    const title = text("energy.week", { days: span(energy.week), pct: pct(energy.week.pct) });
    const chart = hourly({ label: title, height: TALL, count: used.length, most, ticks,
      areas: [{ from: zero, to: used, colour: COLOURS.used }, { from: used, to: both, colour: COLOURS.clean }, { from: both, to: all, colour: COLOURS.other }],
      lines: [{ values: used.map(() => energy.load_mw), colour: "#1c2733", dash: "5 3" }] });
    return [weekFigure(title, chart), weekTable()];
  };
  // The chart of the worst week in figures, a row a day.
  const weekTable = () => {
    const { used, clean, other, from, from_hour: start } = energy.week;
    const days = new Map();
    used.forEach((mw, hour) => {
      const day = Math.floor((start + hour) / DAY_H);
      const sums = days.get(day) || [0, 0, 0, 0];
      [mw, clean[hour], other[hour], 1].forEach((value, at) => { sums[at] += value; });
      days.set(day, sums);
    });
    const first = Date.UTC(energy.year % 4 ? energy.year : energy.year - 1, from[0] - 1, from[1]);
    const row = ([day, [own, grid, rest, hours]]) => {
      const date = new Date(first + day * 86_400_000);
      const all = own + grid + rest;
      return node("tr", {}, node("th", { scope: "row" }, dayText([date.getUTCMonth() + 1, date.getUTCDate()]), hours < DAY_H ? node("small", {}, text("energy.hours", { n: hours })) : null),
        [own, grid, rest].map((mwh) => node("td", {}, siteopt.number(mwh))), node("td", {}, all > 0 ? `${pct((100 * (own + grid)) / all)}%` : "–"));
    };
    return node("details", { class: "curve-more" }, node("summary", {}, text("energy.week_table")),
      node("table", { class: "limits" }, node("thead", {}, node("tr", {}, ["energy.date", "energy.key_used", "energy.key_clean", "energy.key_other", "energy.clean_share"].map((key) => node("th", { scope: "col" }, text(key))))),
        node("tbody", {}, [...days].map(row))));
  };
  const weekFigure = (title, chart) => {
    return figure(title, chart, [[COLOURS.used, "energy.key_used"], [COLOURS.clean, "energy.key_clean"], [COLOURS.other, "energy.key_other"], ["#1c2733", "energy.key_load"]], text("energy.week_hint", { year: energy.year }));
  };

  const honam = () => {
    const { day } = energy;
    if (!day) return null;
    const zero = day.before.map(() => 0);
    const ticks = [0, 6, 12, 18, 24].map((hour) => [hour, text("energy.hour", { hour })]);
    const title = text("energy.honam", { days: siteopt.number(day.days) });
    const chart = (key, areas, lines) => hourly({ label: text(key), height: LOW, count: DAY_H, most: Math.max(...lines.flatMap(({ values }) => values), 1), ticks, areas, lines });
    // On a scale of its own: what is curtailed may be little of what is available.
    const charts = [
      chart("energy.key_available", [{ from: zero, to: day.available, colour: "#f6ebc4" }], [{ values: day.available, colour: COLOURS.available }]),
      chart("energy.curtailed", [{ from: zero, to: day.before, colour: "#f0c4b8" }], [{ values: day.before, colour: COLOURS.before }, { values: day.after, colour: COLOURS.after, dash: "4 2" }])];
    const change = text("energy.honam_year", { before: siteopt.number(day.before_gwh), after: siteopt.number(day.after_gwh) });
    return figure(title, charts, [[COLOURS.available, "energy.key_available"], [COLOURS.before, "energy.key_before"], [COLOURS.after, "energy.key_after"]], change);
  };
})();
