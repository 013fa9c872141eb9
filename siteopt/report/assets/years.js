// @ts-check
"use strict";
// A plan over several years: the year that is shown, what runs in it, the chart of the years.
(() => {
  // Provinces in the chart: distinct by lightness too, on paper without colour.
  const COLOURS = ["#123a63", "#c8553d", "#6fa8dc", "#7a9e3f", "#e2b23c", "#6a4c93", "#8d99a6", "#1b998b", "#d98cb3", "#5d4037"];
  const LABEL = { half: 24, top: 13, bottom: 27, mark: 12 }; // about the middle of a mark, in pixels
  const CHART = { width: 316, height: 168, left: 38, right: 4, top: 16, bottom: 20 };
  const { node, text, drawing } = siteopt;
  let shown = null;

  siteopt.readYears = (years, wanted) => {
    siteopt.each = years ? years.each : null;
    if (!years) return;
    const known = years.each.map(({ year }) => year);
    shown = known.includes(Number(wanted)) ? Number(wanted) : known[known.length - 1];
  };
  // The year that is shown, and the last one; null where one year is planned.
  siteopt.year = () => shown;
  siteopt.lastYear = () => (siteopt.each ? siteopt.each[siteopt.each.length - 1].year : null);
  const now = () => siteopt.each.find(({ year }) => year === shown);
  const stepsOf = (row) => siteopt.data.years.steps[siteopt.data.sites.site_id[row]] || [];
  // MW of IT load that run at a chosen site in the year that is shown, or in all in the plan.
  siteopt.mwNow = (row) => {
    if (!siteopt.each) return siteopt.data.sites.it_mw[row];
    const begun = stepsOf(row).filter(([year]) => year <= shown);
    return begun.length ? begun[begun.length - 1][3] : 0;
  };
  siteopt.runs = (row) => siteopt.mwNow(row) > 0;
  // "2031년 240 MW 개시, 2032년 +20 MW"; null where one year is planned.
  siteopt.phases = (row) => {
    if (!siteopt.each || !siteopt.isChosen.has(row)) return null;
    return stepsOf(row).map(([year, opens, mw]) =>
      text(opens ? "years.opens" : "years.grows", { year, mw: siteopt.number(mw) })).join(", ");
  };
  // Of labels below the marks that would lie on another mark or label, the better ranked stays.
  siteopt.tidyMarks = (map) => {
    if (!siteopt.each) return;
    const marks = siteopt.markers.map((marker, place) => ({ label: marker.getElement()?.querySelector("small"), at: map.latLngToLayerPoint(marker.getLatLng()).add(siteopt.markOffset(siteopt.chosen[place])) }))
      .filter(({ label }) => label);
    const kept = [];
    for (const mark of marks) {
      const half = mark.label.offsetWidth / 2 || LABEL.half;
      const box = { x: mark.at.x - half, y: mark.at.y + LABEL.top, right: mark.at.x + half, bottom: mark.at.y + LABEL.bottom };
      const free = marks.every(({ at }) => at === mark.at || at.x + LABEL.mark < box.x || at.x - LABEL.mark > box.right || at.y + LABEL.mark < box.y || at.y - LABEL.mark > box.bottom)
        && kept.every((other) => other.right < box.x || other.x > box.right || other.bottom < box.y || other.y > box.bottom);
      mark.label.classList.toggle("hidden", !free);
      if (free) kept.push(box);
    }
  };
  // A limit counts where it holds in the year, or over all years.
  siteopt.holdsIn = (limit, year) => !siteopt.each || limit.year === null || limit.year === undefined || limit.year === year;

  // The buttons of the years over the map: a group of radio buttons, so arrow keys go through it.
  siteopt.writeYears = (changed) => {
    const box = document.getElementById("years");
    box.hidden = !siteopt.each;
    if (!siteopt.each) return;
    const choice = ({ year }) => {
      const input = node("input", { type: "radio", name: "year", value: year, onchange: () => { shown = year; writeStatus(); changed(); } });
      input.checked = year === shown;
      return node("label", {}, input, node("span", {}, text("years.year", { year })));
    };
    const status = node("p", { id: "year-status", "aria-live": "polite" });
    const writeStatus = () => {
      const { year, it_mw: mw, target_it_mw: target, opens, grows } = now();
      const sites = siteopt.chosen.filter(siteopt.runs).length;
      status.replaceChildren(node("b", {}, text("years.status", { year, mw: siteopt.number(mw), n: sites })),
        node("small", {}, text("years.status_more", { target: siteopt.number(target), opens: opens.length, grows: grows.length })));
    };
    writeStatus();
    box.replaceChildren(node("legend", {}, text("years.choose")), node("div", { class: "choices" }, siteopt.each.map(choice)), status);
  };

  // Provinces, those with most at the end first: each has its colour in all years.
  const provinces = () => {
    const last = new Map(siteopt.each[siteopt.each.length - 1].provinces.map(({ province_code: code, it_mw: mw }) => [code, mw]));
    const codes = [...new Set(siteopt.each.flatMap((one) => one.provinces.map(({ province_code: code }) => code)))];
    return codes.sort((a, b) => (last.get(b) || 0) - (last.get(a) || 0) || (a < b ? -1 : 1));
  };
  const colour = (place) => COLOURS[place % COLOURS.length];

  // MW by year and province, stacked; the table below has the same figures.
  siteopt.yearChart = () => {
    const codes = provinces();
    const { width, height, left, right, top, bottom } = CHART;
    const most = Math.max(...siteopt.each.map(({ it_mw: mw, target_it_mw: target }) => Math.max(mw, target)));
    const y = (mw) => height - bottom - (mw / most) * (height - top - bottom);
    const step = (width - left - right) / siteopt.each.length;
    const bar = Math.min(46, step * 0.68);
    const small = siteopt.each.length > 6;
    const column = ({ year, it_mw: all, provinces: parts }, at) => {
      const x = left + step * (at + 0.5);
      const mw = new Map(parts.map((part) => [part.province_code, part.it_mw]));
      let sum = 0;
      const stack = codes.map((code, place) => {
        if (!mw.has(code)) return null;
        sum += mw.get(code);
        return drawing("rect", { x: x - bar / 2, y: y(sum).toFixed(1), width: bar, height: (y(sum - mw.get(code)) - y(sum)).toFixed(1), fill: colour(place) },
          drawing("title", {}, `${text("years.year", { year })} ${siteopt.provinceName(code)} ${siteopt.number(mw.get(code))} MW`));
      });
      return drawing("g", { class: year === shown ? "shown" : "" }, stack,
        drawing("text", { x, y: y(all) - 4, "text-anchor": "middle" }, siteopt.number(all)),
        drawing("text", { x, y: height - 6, "text-anchor": "middle" }, small ? `’${String(year).slice(2)}` : String(year)));
    };
    const line = [0, most / 2, most].map((mw) => [
      drawing("line", { x1: left - 3, x2: width - right, y1: y(mw), y2: y(mw) }),
      drawing("text", { x: left - 6, y: y(mw) + 4, "text-anchor": "end" }, siteopt.number(mw))]);
    const chart = drawing("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text("years.chart") }, line, siteopt.each.map(column));
    const key = codes.map((code, place) => node("li", {}, node("i", { style: `background:${colour(place)}` }), siteopt.provinceName(code)));
    return node("figure", { class: "years" }, node("figcaption", {}, text("years.chart")), chart, node("ul", { class: "key" }, key));
  };
  siteopt.yearTable = () => {
    const head = ["years.of", "years.running", "years.new", "years.capital"].map((name) => node("th", { scope: "col" }, text(name)));
    const line = ({ year, it_mw: mw, target_it_mw: target, opens, grows, capital_bn_krw: capital }) => node("tr", { class: year === shown ? "shown" : "" },
      node("th", { scope: "row" }, String(year)),
      node("td", {}, siteopt.number(mw), mw > target ? node("small", {}, text("years.target", { mw: siteopt.number(target) })) : null),
      node("td", {}, text("years.new_n", { opens: opens.length, grows: grows.length })), node("td", {}, siteopt.money(capital)));
    return node("table", { class: "limits years" }, node("thead", {}, node("tr", {}, head)), node("tbody", {}, siteopt.each.map(line)));
  };
})();
