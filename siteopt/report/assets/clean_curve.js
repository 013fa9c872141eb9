// @ts-check
"use strict";
// What each clean share costs: the answer in a sentence with its range, the curve, its tables.
(() => {
  const CHART = { width: 316, height: 248, left: 40, right: 14, top: 22, bottom: 34 };
  const COLOURS = { hourly: "#123a63", annual: "#d98a1f", bar: "#7a8fa6" };
  const CAP = 4; // half a cap of a bar, in pixels
  const DOT = 2.8;
  const SHARES = [0, 20, 40, 60, 80, 100];
  const LEAST_PCT = 0.05; // what the figures show
  const LEAST_KRW = 0.5;
  const { node, text, drawing } = siteopt;

  const curveOf = () => siteopt.data.energy.curve;
  const pct = (value) => siteopt.tenths(value);
  const krw = (value) => siteopt.number(Math.round(value));
  const share = (value) => siteopt.number(value, 1);
  const technology = (name) => text(`technology.${name}`);
  const reaches = ({ target, reached }) => reached >= target - LEAST_PCT;
  const range = ([value, low, high]) => ({ krw: krw(value), low: krw(low), high: krw(high) });

  const limitText = ({ technology: name, kind, mw }) => {
    if (!name) return siteopt.word("curve.limit.", kind);
    const values = { name: technology(name), mw: siteopt.number(mw) };
    if (kind === "built" || kind === "managed") return text(`curve.${kind}`, values);
    return text("curve.used", { ...values, status: siteopt.word("stock.", kind) });
  };
  const usedUp = () => {
    const { used_up: limits } = curveOf();
    return limits.length ? ` ${text("curve.used_up", { limits: limits.map(limitText).join(", ") })}` : "";
  };

  // Whether the scenario's own share cannot be reached.
  const missed = () => curveOf().reachable[0] < curveOf().target - LEAST_PCT;
  // "In 2035, 3,000 MW of IT can run on 80% by the hour at 221 KRW/kWh (181 to 247)."
  const main = () => {
    const { reachable, target, krw: cost, hourly } = curveOf();
    const { replay } = hourly.find((point) => point.target === target);
    const values = { year: siteopt.data.energy.year, mw: siteopt.number(siteopt.data.scenario.it_mw), pct: share(target), replay: pct(replay), ...range(cost) };
    if (!missed()) return text("curve.can", values);
    return text("curve.cannot", { ...values, most: pct(reachable[0]), least: pct(reachable[1]), best: pct(reachable[2]) }) + usedUp();
  };
  // What the last step costs, or that there is none.
  const lastStep = () => {
    const { last, last_clean: clean, last_from: from, last_to: to } = curveOf();
    const short = to < 100 - LEAST_PCT;
    if (!last) return missed() ? null : text("curve.no_last", { from: share(from), most: pct(to) }) + usedUp();
    const step = text("curve.last", { from: share(from), to: short ? pct(to) : share(to), points: short ? pct(to - from) : share(to - from), ...range(last), clean: krw(clean[0]) });
    return short && !missed() ? `${step} ${text("curve.short", { most: pct(to) })}${usedUp()}` : step;
  };
  const gw = (mw) => siteopt.number(mw / 1000, 2);
  // Scarce: more than runs today, or all that can be contracted.
  const scarceText = ({ technology: name, needed, runs, usable }, when) => {
    const values = { name: technology(name), gw: gw(needed), runs: gw(runs), usable: gw(usable), when };
    if (needed > runs) return text(when ? "curve.scarce" : "curve.scarce_today", values);
    return text("curve.scarce_usable", values);
  };
  // The sentences of the answer by the hour, the first begun with a word; `when` gives as of when the stock of a technology is known.
  siteopt.curveAnswer = (word, when) => {
    if (!curveOf()) return null;
    const { scarce } = curveOf();
    return [node("p", { class: "sentence" }, word ? node("b", {}, `${word}. `) : null, main()), ...[lastStep(),
      scarce.length ? text("curve.scarce_all", { list: scarce.map((row) => scarceText(row, when(row.technology))).join(", ") }) : null]
      .filter(Boolean).map((said) => node("p", {}, said))];
  };
  siteopt.curveRangeHint = () => (curveOf() ? node("p", { class: "hint" }, text("curve.range_hint")) : null);

  // Round figures from 0 to the most, five at most.
  const levels = (most) => {
    const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
    const step = [0.2, 0.5, 1, 2].map((times) => times * power).find((one) => most / one <= 5) || 2 * power;
    const found = [];
    for (let value = 0; value <= most + 1e-9; value += step) found.push(value);
    return found;
  };
  const barText = ({ target, krw: cost, low, high }) => text("curve.bar", { pct: share(target), krw: krw(cost), low: krw(low), high: krw(high) });
  const chart = () => {
    const { hourly, annual, bars } = curveOf();
    const { width, height, left, right, top, bottom } = CHART;
    const floor = height - bottom;
    const costs = [...hourly, ...annual].map((point) => point.krw).concat(bars.map(({ high }) => high));
    const most = Math.max(...costs, 1);
    const x = (value) => Number((left + (value / 100) * (width - left - right)).toFixed(1));
    const y = (value) => Number((floor - (Math.max(0, value) / (most * 1.04)) * (floor - top)).toFixed(1));
    const grid = levels(most).map((value) => [
      drawing("line", { x1: left - 3, x2: width - right, y1: y(value), y2: y(value) }),
      drawing("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, siteopt.number(value))]);
    const marks = SHARES.map((value) => [
      drawing("line", { x1: x(value), x2: x(value), y1: floor, y2: floor + 3 }),
      drawing("text", { x: x(value), y: floor + 15, "text-anchor": "middle" }, siteopt.number(value))]);
    const line = (points, colour, name) => {
      const dots = points.map((point) => drawing("circle", { cx: x(point.reached), cy: y(point.krw), r: DOT, stroke: colour, "stroke-width": 1.4, fill: reaches(point) ? colour : "#fff" },
        drawing("title", {}, text("curve.point", { matching: name, pct: share(point.target), reached: pct(point.reached), krw: pct(point.krw) }))));
      return [drawing("polyline", { points: points.map((point) => `${x(point.reached)},${y(point.krw)}`).join(" "), fill: "none", stroke: colour, "stroke-width": 1.6 }), dots];
    };
    // Range of the cost where the parameters are at their ends, with its middle told.
    const bar = ({ at, target, krw: cost, low, high }) => {
      const side = at > 50 ? -1 : 1;
      const value = (amount, place) => drawing("text", { class: "end", x: x(at) + side * (CAP + 3), y: place, "text-anchor": side < 0 ? "end" : "start" }, krw(amount));
      const cap = (amount) => drawing("line", { class: "range", x1: x(at) - CAP, x2: x(at) + CAP, y1: y(amount), y2: y(amount) });
      return drawing("g", { class: "bar" }, drawing("title", {}, barText({ target, krw: cost, low, high })),
        drawing("line", { class: "range", x1: x(at), x2: x(at), y1: y(low), y2: y(high) }), cap(low), cap(high),
        high - cost >= LEAST_KRW ? value(high, y(high) + 4) : null);
    };
    const title = text("curve.title");
    return drawing("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title }, grid, marks,
      drawing("text", { x: 2, y: 13 }, text("curve.y")),
      drawing("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, text("curve.x")),
      bars.map(bar), line(annual, COLOURS.annual, text("curve.annual")), line(hourly, COLOURS.hourly, text("curve.hourly")));
  };

  const shareCell = (point) => node("th", { scope: "row" }, `${share(point.target)}%`, reaches(point) ? null : node("small", {}, text("curve.reached", { pct: pct(point.reached) })));
  const table = (keys, points, cells) => node("table", { class: "limits curve" },
    node("thead", {}, node("tr", {}, ["curve.share", ...keys].map((key) => node("th", { scope: "col" }, text(key))))),
    node("tbody", {}, points.map((point) => node("tr", { class: Math.abs(point.target - curveOf().target) < LEAST_PCT ? "shown" : reaches(point) ? "" : "unreached" }, shareCell(point), cells(point).map((value) => node("td", {}, value))))));
  const more = (key, content) => node("details", { class: "curve-more" }, node("summary", {}, text(key)), content);

  const tables = () => {
    const { hourly, annual } = curveOf();
    const yearly = new Map(annual.map((point) => [point.target, point.krw]));
    const costOverYear = ({ target }) => (yearly.has(target) ? krw(yearly.get(target)) : "–");
    return [
      table(["curve.program", "curve.replay", "curve.krw", "curve.krw_annual", "curve.kt"], hourly, (point) =>
        [pct(point.program), pct(point.replay), krw(point.krw), costOverYear(point), siteopt.number(point.kt)]),
      more("curve.capacity", table(["technology.solar", "technology.onshore_wind", "technology.offshore_wind", "curve.storage_gwh"], hourly, (point) =>
        [point.solar, point.onshore_wind, point.offshore_wind, point.storage_gwh].map((value) => siteopt.tenths(value)))),
      more("curve.parts", table(["curve.contracts", "curve.grid", "curve.storage", "curve.other"], hourly, (point) =>
        [point.contracts, point.grid, point.storage, point.other].map((value) => siteopt.tenths(value))))];
  };

  siteopt.curveSection = () => {
    const curve = curveOf();
    if (!curve) return null;
    const key = [[COLOURS.hourly, "curve.hourly"], [COLOURS.annual, "curve.annual"], [COLOURS.bar, "curve.key_bar"]];
    return node("section", {}, node("figure", { class: "years clean-curve" }, node("figcaption", {}, text("curve.title")), chart(),
      node("ul", { class: "key" }, key.map(([colour, said]) => node("li", {}, node("i", { style: `background:${colour}` }), text(said)))),
      node("p", { class: "ranges" }, text("curve.ranges"), curve.bars.map((bar) => [" ", node("span", {}, barText(bar))])),
      curve.hourly.every(reaches) ? null : node("p", { class: "hint" }, text("curve.unreached", { most: pct(curve.reachable[0]) }))),
    tables(), node("p", { class: "hint" }, text("curve.hint")));
  };
})();
