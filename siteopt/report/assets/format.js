"use strict";
// Texts in the language chosen, figures as people read them, and the page's data made whole.
const siteopt = { language: "ko" };

(() => {
  const place = () => (siteopt.language === "ko" ? 0 : 1);

  // A text of the table, with {names} replaced; text(key) throws where the key is not there.
  siteopt.text = (key, values = {}) => {
    const both = siteopt.data.texts[key];
    if (!both) throw new Error(`no text ${key}`);
    return both[place()].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  };
  // A text of the table where it has one, else the word itself.
  siteopt.word = (head, word) =>
    siteopt.data.texts[head + word] ? siteopt.text(head + word) : String(word);
  // The one of a pair [Korean, English] that is wanted, or the other where it is empty.
  siteopt.one = (pair) => pair[place()] || pair[1 - place()] || "";

  siteopt.number = (value, digits = 0) =>
    value === null || value === undefined
      ? "–"
      : value.toLocaleString(siteopt.language === "ko" ? "ko-KR" : "en-US", { maximumFractionDigits: digits });
  // A figure with the digits that its size deserves.
  siteopt.figure = (value) => {
    if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
    const size = Math.abs(value);
    return siteopt.number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  };
  siteopt.percent = (share) => {
    const pct = share * 100;
    return `${pct === 0 ? 0 : pct < 0.001 ? pct.toExponential(0) : Number(pct.toPrecision(2))} %`;
  };

  // Billion won as people say it; the same rules as `money` in texts.py.
  siteopt.money = (bn) => {
    if (bn === null || bn === undefined) return "–";
    const amount = Math.abs(bn);
    return (bn < 0 ? "-" : "") + (siteopt.language === "ko" ? wonKo(amount) : wonEn(amount));
  };
  const halfUp = (amount) => Math.floor(amount + 0.5);
  const grouped = (amount, digits = 0) =>
    amount.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const wonKo = (bn) => {
    const eok = bn * 10;
    if (eok >= 100) {
      const whole = halfUp(eok);
      const jo = Math.floor(whole / 10000);
      const rest = whole % 10000;
      return [jo ? `${grouped(jo)}조` : "", rest ? `${grouped(rest)}억` : ""].filter(Boolean).join(" ") + " 원";
    }
    const tenths = halfUp(eok * 10);
    if (tenths >= 10) return `${Math.floor(tenths / 10)}${tenths % 10 ? `.${tenths % 10}` : ""}억 원`;
    const man = halfUp(eok * 10000);
    return man ? `${grouped(man)}만 원` : "0원";
  };
  const wonEn = (bn) => {
    if (bn >= 1000) return `KRW ${grouped(halfUp((bn / 1000) * 100) / 100, 2)} tn`;
    if (bn >= 1) return `KRW ${grouped(halfUp(bn * 10) / 10, 1)} bn`;
    const million = halfUp(bn * 1000);
    return million ? `KRW ${grouped(million)} m` : "KRW 0";
  };
  // What the objective counts: money, or MW weighted with suitability.
  siteopt.worth = (value) =>
    siteopt.data.plan.unit === "bn_krw" ? siteopt.money(value) : `${siteopt.figure(value)} MW`;

  // An element with attributes and children; texts are texts, never HTML.
  siteopt.node = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    for (const child of children.flat()) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return node;
  };

  // Points of a path as Leaflet wants them; see `encoded` in _base.py.
  siteopt.path = (signs) => {
    const points = [];
    const at = [0, 0];
    let axis = 0;
    let value = 0;
    let shift = 0;
    for (let index = 0; index < signs.length; index += 1) {
      const bits = signs.charCodeAt(index) - 63;
      value |= (bits & 31) << shift;
      shift += 5;
      if (bits < 32) {
        at[axis] += value & 1 ? ~(value >> 1) : value >> 1;
        if (axis === 1) points.push([at[1] / 10000, at[0] / 10000]);
        axis = 1 - axis;
        value = 0;
        shift = 0;
      }
    }
    return points;
  };

  // Reads the page's data, and gives every site its columns by row.
  siteopt.read = () => {
    const data = JSON.parse(document.getElementById("siteopt-data").textContent);
    const whole = (column) =>
      column && column.words ? column.of.map((number) => (number === null ? null : column.words[number])) : column;
    for (const [name, column] of Object.entries(data.sites)) data.sites[name] = whole(column);
    for (const item of data.criteria) item.values = whole(item.values);
    siteopt.data = data;
    siteopt.rows = new Map(data.sites.site_id.map((id, row) => [id, row]));
    siteopt.chosen = data.plan.chosen.map((id) => siteopt.rows.get(id)).sort((a, b) => a - b);
    siteopt.isChosen = new Set(siteopt.chosen);
    const { stations, provinces, districts } = data.base;
    siteopt.stations = new Map((stations ? stations.id : []).map((id, row) => [id, row]));
    const named = (layer) => new Map((layer ? layer.code : []).map((code, row) => [code, [layer.ko[row], layer.en[row]]]));
    siteopt.provinces = named(provinces);
    siteopt.districts = named(districts);
  };
  siteopt.siteName = (row) => siteopt.one([siteopt.data.sites.name_ko[row], siteopt.data.sites.name_en[row]]);
  siteopt.stationName = (id) => {
    const row = siteopt.stations.get(id);
    if (row === undefined) return id || "–";
    const { ko, en } = siteopt.data.base.stations;
    return siteopt.one([ko[row], en[row]]) || id;
  };
  siteopt.provinceName = (code) => (siteopt.provinces.has(code) ? siteopt.one(siteopt.provinces.get(code)) : code || "");
  siteopt.districtName = (code) => (siteopt.districts.has(code) ? siteopt.one(siteopt.districts.get(code)) : "");
})();
