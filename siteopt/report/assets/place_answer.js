// @ts-check
"use strict";
// The answer on a place, as answer.py gives it: what is there, which conditions it meets, candidates near it, and why.
(() => {
  const SITES = 3;
  const COMPLEXES = 2;
  const KM = 1000;
  const LEAST_GAP = 0.005; // bn KRW a MW; see _against.py
  const LEAST_PCT = 0.05;
  const { node, text } = siteopt;

  const of = (key, values = {}) => ["of", [key, values]];
  const digits = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3);
  const unknown = ["as is", "–"];

  // Its class over the draws.
  const classFacts = (row) => {
    const found = siteopt.data.robustness;
    if (!found || !found.class[row]) return [];
    const share = (name) => ["n", found[name][row], 0];
    return [["explain.certainty", { name: of(`class.${found.class[row]}`), pct: share("in_plan_pct"), low: share("low_pct"), high: share("high_pct") }]];
  };
  const rankFact = (row, figure) => {
    const { rank, rank_low: low, rank_high: high, tied, rank_proven: proven } = siteopt.data.sites;
    if (rank[row] === null) return null;
    if (low && low[row] !== null && low[row] !== high[row]) return ["explain.rank_between", { low: ["n", low[row], 0], high: ["n", high[row], 0] }];
    if (figure !== "exact") return null;
    const key = (tied[row] || 1) > 1 ? "explain.rank_tied" : "explain.rank";
    return [proven && proven[row] === false ? `${key}_provisional` : key, { n: ["n", rank[row], 0] }];
  };
  const worth = (value) => (value === null ? unknown : siteopt.data.plan.unit === "bn_krw" ? ["money", value] : ["n", value, digits(value)]);
  const lossFact = (row, figure) => {
    const { lower, upper, value, regret } = siteopt.data.sites;
    const a = worth(figure === "exact" ? (siteopt.isChosen.has(row) ? value : regret)[row] : lower[row]);
    const b = worth(upper[row]);
    const values = { exact: { a }, least: { a }, most: { b }, range: { a, b } }[figure];
    return [`loss.${figure}_${siteopt.data.plan.unit}`, values];
  };
  // The verdict in one sentence; see `_sentence` in verdict.py.
  const sentence = (row) => {
    const state = siteopt.verdict("state", row);
    const figure = siteopt.verdict("figure", row);
    if (state === "impossible") return ["verdict.impossible", { why: ["as is", siteopt.lines("causes", row)[0]] }];
    const { it_mw: size } = siteopt.data.sites;
    const mw = size[row] === null ? unknown : ["n", size[row], 0];
    if (figure === "indispensable") return [`verdict.${state}_indispensable`, { mw }];
    const known = rankFact(row, figure);
    const rank = ["of", known && ["explain.rank_said", { rank: ["of", known] }]];
    if (figure === "zero" || figure === "unknown") return [`verdict.${state}_${figure}`, { mw, rank }];
    return [`verdict.${state}`, { mw, rank, loss: ["of", lossFact(row, figure)] }];
  };
  const siteSections = (row) => {
    const causes = siteopt.lines("causes", row).slice(siteopt.verdict("state", row) === "impossible" ? 1 : 0);
    const changes = siteopt.lines("changes", row);
    const head = siteopt.render(["place.of_site", { site: ["site", siteopt.data.sites.site_id[row]] }]);
    return [{ head, row, lines: [...[...classFacts(row), sentence(row)].map(siteopt.render), ...causes] },
      ...(changes.length ? [{ head: text("explain.changes"), lines: changes }] : [])];
  };

  const gapFact = (row) => {
    const gap = siteopt.verdict("gap", row);
    const rival = siteopt.verdict("rival", row);
    if (gap === null || rival === null || siteopt.verdict("state", row) === "impossible") return null;
    const values = { rival: ["site", siteopt.data.sites.site_id[rival]] };
    if (Math.abs(gap) < LEAST_GAP) return ["place.same", values];
    return [gap > 0 ? "place.dearer" : "place.cheaper", { ...values, money: ["money", Math.abs(gap)] }];
  };
  const nearSite = ([km, row]) => siteopt.render(["place.near", { site: ["site", siteopt.data.sites.site_id[row]], km: ["n", km, 1],
    state: of(`state.${siteopt.verdict("state", row)}`), gap: ["of", gapFact(row)] }]);
  const titled = (name) => {
    const bit = siteopt.data.places.rules.indexOf(name);
    if (siteopt.data.texts[`excluded.${name}`]) return ["place.titled", { title: ["text", `excluded.${name}`] }];
    return ["place.titled", { title: ["both", ...(bit < 0 ? [name, name] : siteopt.data.reasons[bit].title)] }];
  };
  const complexState = (one) => {
    if (siteopt.rows.has(one.id)) return of("place.is_candidate");
    return one.excluded.length ? of("place.left_out", { reasons: ["list", ", ", one.excluded.map(titled)] }) : of("place.no_candidate");
  };
  const nearComplex = ([km, one]) => siteopt.render(["place.complex", { name: ["both", ...one.name], km: ["n", km, 1], state: complexState(one) }]);
  const byDistance = (list, x, y) => list.map(([one, place]) => [Math.hypot(place[0] - x, place[1] - y) / KM, one]).sort((a, b) => a[0] - b[0]);

  const nearSections = (x, y, own) => {
    const placed = siteopt.siteMetres().map((place, row) => [row, place]).filter(([, place]) => place);
    const sites = byDistance(placed, x, y);
    const here = own !== undefined ? own : siteopt.tileAt(x, y);
    const lines = [];
    if (!sites.length) lines.push(text("place.no_candidates"));
    if (here !== undefined) lines.push(siteopt.render(["place.here", { site: ["site", siteopt.data.sites.site_id[here]] }]));
    else if (sites.length) lines.push(text("place.not_here"));
    const complexes = byDistance(siteopt.complexes().map((one) => [one, [one.x, one.y]]), x, y);
    lines.push(...sites.slice(0, SITES).map(nearSite), ...complexes.slice(0, COMPLEXES).map(nearComplex));
    const told = here !== undefined ? here : sites.length ? sites[0][1] : undefined;
    return [{ head: text("place.near_head"), lines }, ...(told === undefined ? [] : siteSections(told))];
  };

  const minutes = (degrees) => {
    const seconds = Math.floor(degrees * 3600 + 0.5);
    return `${Math.floor(seconds / 3600)}°${Math.floor(seconds / 60) % 60}′${seconds % 60}″`;
  };
  const whereSection = (lon, lat, x, y) => {
    const lines = [];
    if (siteopt.hasNames()) {
      const number = siteopt.areaAt(x, y);
      const area = siteopt.areas()[number];
      lines.push(number < 0 ? text("place.where_none") : siteopt.render(["place.where",
        { province: ["province", area.district.slice(0, 2)], district: ["district", area.district], area: ["as is", area.name] }]));
    }
    lines.push(siteopt.render(["place.coordinates", { lon: ["n", lon, 5], lat: ["n", lat, 5], east: ["as is", minutes(lon)], north: ["as is", minutes(lat)],
      x: ["as is", String(Math.floor(x + 0.5))], y: ["as is", String(Math.floor(y + 0.5))] }]));
    return { head: text("place.where_head"), lines };
  };
  const gate = (reason, mark) => siteopt.render(["gate.line", { mark: of(mark),
    said: of("rule.of", { title: ["both", ...reason.title], rule: ["both", ...reason.rule] }) }]);
  // Exclusions of an earlier step left nothing to judge; see `judging_step` in _rules.py.
  const step = (reason) => reason.step || 0;
  const unjudged = (reason, failed) => failed.some((one) => step(one) < step(reason));
  const gateSection = (failed) => {
    const { reasons } = siteopt.data;
    const others = reasons.filter((reason) => !failed.includes(reason));
    const met = others.filter((reason) => !unjudged(reason, failed));
    const open = others.filter((reason) => unjudged(reason, failed));
    const [n, k, m] = [reasons.length, met.length, failed.length].map((count) => ["n", count, 0]);
    return { head: siteopt.render(["place.gates", { n, k, m }]), more: met.map((reason) => gate(reason, "place.passed")),
      lines: [...failed.map((reason) => gate(reason, "place.failed")), ...open.map((reason) => gate(reason, "place.unjudged"))] };
  };

  // The answer on a point: a head, and sections of lines.
  siteopt.answerAt = ({ lat, lng: lon }, row = undefined) => {
    const [x, y] = siteopt.toMetres(lon, lat);
    const { head, reasons } = siteopt.landAt({ lat, lng: lon });
    const sections = [];
    const told = head !== "land.here_frame";
    if (told && (head !== "land.here_outside" || reasons.length)) sections.push(gateSection(reasons));
    sections.push(whereSection(lon, lat, x, y));
    if (told) sections.push(...nearSections(x, y, row));
    return { head: text(reasons.length ? "land.here_excluded" : head, { n: reasons.length }), sections };
  };

  // Reasons of the cells of some areas, how often each occurs; see `answer_area` in answer.py.
  const codesOf = (numbers) => {
    const wanted = new Set(numbers);
    const { x_min_m: left, y_max_m: top, cell_m: size, n_rows: rows, n_cols: cols } = siteopt.data.cells;
    const found = new Map();
    for (let row = 0; row < rows; row += 1) {
      const y = top - (row + 0.5) * size;
      for (let col = 0; col < cols; col += 1) {
        if (!wanted.has(siteopt.areaAt(left + (col + 0.5) * size, y))) continue;
        const code = siteopt.codeOf(row * cols + col);
        found.set(code, (found.get(code) || 0) + 1);
      }
    }
    return found;
  };
  const sitesIn = (kind, key) => {
    const { sites } = siteopt.data;
    const rows = sites.site_id.map((id, row) => row);
    if (kind !== "area") return rows.filter((row) => sites[`${kind}_code`][row] === key);
    return rows.filter((row) => siteopt.siteMetres()[row] && siteopt.areaAt(.../** @type {[number, number]} */ (siteopt.siteMetres()[row])) === key);
  };
  // The answer on a province, district, eup, myeon or dong; null where it has no cell.
  siteopt.answerArea = (kind, key) => {
    const codes = [...codesOf(siteopt.areasOf(kind, key))];
    const whole = codes.reduce((sum, [, count]) => sum + count, 0);
    if (!whole) return null;
    const km2 = (siteopt.data.cells.cell_m / KM) ** 2;
    const eligible = codes.reduce((sum, [code, count]) => sum + (code === 0 ? count : 0), 0);
    const taken = (bit) => (codes.reduce((sum, [code, count]) => sum + (Math.floor(code / 2 ** bit) % 2 ? count : 0), 0) / whole) * 100;
    const shares = siteopt.data.reasons.map(({ title }, bit) => ({ title, pct: taken(bit) }))
      .filter(({ pct }) => pct >= LEAST_PCT).sort((a, b) => b.pct - a.pct);
    const rows = sitesIn(kind, key);
    const chosen = rows.filter((row) => siteopt.isChosen.has(row));
    return {
      head: siteopt.render(["place.area", { km2: ["n", whole * km2, 1], eligible: ["n", eligible * km2, 1], pct: ["n", (eligible / whole) * 100, 1] }]),
      sections: [
        ...(shares.length ? [{ head: text("place.shares"), lines: shares.map(({ title, pct }) => siteopt.render(["place.share", { title: ["both", ...title], pct: ["n", pct, 1] }])) }] : []),
        { head: text("place.candidates_head"), lines: [siteopt.render(["place.candidates", { n: ["n", rows.length, 0], m: ["n", chosen.length, 0] }])] },
        ...(rows.length ? siteSections(rows[0]) : [])],
    };
  };

  // The card of a place that is no candidate; conditions that are met are folded away.
  const list = (lines) => node("ul", { class: "place" }, lines.map((line) => node("li", {}, line)));
  const sectionPart = ({ head, lines, more, row }) => [node("h3", {}, head), lines.length ? list(lines) : null,
    more && more.length ? node("details", { class: "met" }, node("summary", {}, text("place.met", { n: more.length })), list(more)) : null,
    row === undefined ? null : node("p", {}, node("button", { type: "button", class: "link", onclick: () => siteopt.open(row) }, text("place.open_site")))];
  const card = (name, kind, link, { head, sections }) => node("article", { class: "card here", "data-kind": kind, "data-place": link },
    node("h2", {}, name, node("small", {}, text(`place.kind_${kind}`))), node("p", { class: "lead" }, head), sections.map(sectionPart));

  const POINT_DIGITS = 5; // of a degree in the address: a metre
  siteopt.showPoint = (latlng, { name = null, kind = "point", row = undefined, link = `${latlng.lng.toFixed(POINT_DIGITS)},${latlng.lat.toFixed(POINT_DIGITS)}` } = {}) => {
    if (siteopt.cells) siteopt.show(latlng, card(name || text("land.here"), kind, link, siteopt.answerAt(latlng, row))); // else they are being read
  };
  // Goes to a place of the index and opens its card.
  siteopt.showPlace = ({ kind, key, lat, lon, label }, name) => {
    const row = siteopt.rows.get(key);
    if (row !== undefined && ["site", "complex"].includes(kind)) {
      siteopt.open(row);
      return;
    }
    const latlng = L.latLng(lat, lon);
    const answer = ["province", "district", "area"].includes(kind) ? siteopt.answerArea(kind, key) : null;
    siteopt.goTo(latlng, kind);
    const link = `${kind}:${label}`;
    if (answer) siteopt.show(latlng, card(name, kind, link, answer));
    else siteopt.showPoint(latlng, { name, kind, link });
  };

  // The places that the scenario names: one row each, which opens the card of the place.
  siteopt.namedPage = () => node("div", {}, node("p", { class: "hint" }, text("place.named_intro")),
    node("table", { class: "named" },
      node("thead", {}, node("tr", {}, [text("place.table_name"), text("place.table_verdict")].map((head) => node("th", { scope: "col" }, head)))),
      node("tbody", {}, siteopt.data.places.named.map(([names, kind, key, lon, lat, note, head]) => node("tr", {},
        node("th", { scope: "row" }, node("button", { type: "button", class: "link", onclick: () => {
          siteopt.showPlace({ kind, key, lat, lon, label: names[0] }, siteopt.one(names));
          siteopt.focusCard();
        } }, siteopt.one(names)), note ? node("small", {}, note) : null),
        node("td", {}, siteopt.render(head)))))));
})();
