// @ts-check
"use strict";
// Texts in the language chosen, figures as people read them, and the page's data made whole.
const siteopt = /** @type {Siteopt} */ ({ language: "ko" });

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

  // Making a format takes longer than a hundred uses of it.
  const formats = new Map();
  const formatted = (value, locale, least, most) => {
    const key = `${locale} ${least} ${most}`;
    if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most }));
    return formats.get(key).format(value);
  };
  siteopt.number = (value, digits = 0) =>
    value === null || value === undefined ? "–" : typeof value !== "number" ? String(value) : formatted(value, siteopt.language === "ko" ? "ko-KR" : "en-US", 0, digits);
  siteopt.fixed = (value, digits) => grouped(value, digits);
  // With one decimal, whole figures too.
  siteopt.tenths = (value) => {
    const written = grouped(Math.abs(value), 1);
    return (value < 0 && /[1-9]/.test(written) ? "−" : "") + written;
  };
  // A figure with the digits that its size deserves.
  siteopt.figure = (value) => {
    if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
    const size = Math.abs(value);
    return siteopt.number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  };
  siteopt.percent = (share) => {
    const pct = share * 100;
    if (pct < 1e-9) return "0%";
    return `${Number(pct.toPrecision(2)).toFixed(Math.min(9, Math.max(0, (pct < 0.01 ? 0 : 1) - Math.floor(Math.log10(pct))))).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")}%`;
  };

  // Billion won as it is written; the same rules as `money` in texts.py.
  siteopt.money = (bn) => {
    if (bn === null || bn === undefined) return "–";
    const amount = Math.abs(bn);
    return (bn < 0 ? "-" : "") + (siteopt.language === "ko" ? wonKo(amount) : wonEn(amount));
  };
  const halfUp = (amount) => Math.floor(amount + 0.5);
  const grouped = (amount, digits = 0) => formatted(amount, "en-US", digits, digits);
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
  // An amount without its unit, for tables that name it: 억 won, or billions.
  siteopt.unitMoney = (bn, signed = false) => {
    const [amount, digits] = siteopt.language === "ko" ? [bn * 10, 1] : [bn, 2];
    const written = grouped(Math.abs(amount), digits);
    const nothing = !/[1-9]/.test(written);
    return (nothing ? "" : amount < 0 ? "−" : signed ? "+" : "") + written;
  };
  // What the objective counts: money, or MW weighted with suitability.
  siteopt.worth = (value) =>
    siteopt.data.plan.unit === "bn_krw" ? siteopt.money(value) : `${siteopt.figure(value)} MW`;

  // An element with attributes and children; texts are texts, never HTML.
  siteopt.node = (tag, attributes = {}, ...children) => {
    const node = /** @type {HTMLElement} */ (document.createElement(tag));
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "style") node.style.cssText = value; // as an attribute the page's policy refuses it
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    for (const child of /** @type {any[]} */ (children).flat(Infinity)) {
      if (child !== null && child !== undefined && child !== false) node.append(child);
    }
    return /** @type {any} */ (node);
  };

  // An element of SVG.
  siteopt.drawing = (tag, attributes = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(.../** @type {any[]} */ (children).flat(Infinity).filter(Boolean));
    return /** @type {any} */ (made);
  };

  // Whole numbers out of a string; see `signs` in _compact.py.
  const numbers = (signs) => {
    const found = [];
    let value = 0;
    let scale = 1;
    for (let index = 0; index < signs.length; index += 1) {
      const bits = signs.charCodeAt(index) - 63;
      value += (bits % 32) * scale;
      scale *= 32;
      if (bits < 32) {
        found.push(value);
        value = 0;
        scale = 1;
      }
    }
    return found;
  };
  // A column of the sites; see `compact` in _compact.py.
  siteopt.column = (packed) => {
    if (!packed || packed.signs === undefined) return packed;
    const { words, least, decimals } = packed;
    const scale = 10 ** Math.abs(decimals);
    return numbers(packed.signs).map((step) => {
      if (step === 0) return null;
      if (words) return words[step - 1];
      return decimals >= 0 ? (least + step - 1) / scale : (least + step - 1) * scale;
    });
  };
  // Leaves columns packed until somebody reads them: most are for cards and tabs that nobody opens.
  siteopt.unpackLater = (columns, names = Object.keys(columns)) => {
    for (const name of names) {
      const packed = columns[name];
      const whole = (value) => Object.defineProperty(columns, name, { value, writable: true, enumerable: true, configurable: true });
      Object.defineProperty(columns, name, { enumerable: true, configurable: true, set: whole, get: () => {
        const values = siteopt.column(packed);
        whole(values);
        return values;
      } });
    }
  };
  // Steps of a path, longitude before latitude; see `encoded` in _base.py.
  siteopt.decoded = (signs) => numbers(signs).map((step) => (step % 2 ? -(step + 1) / 2 : step / 2));
  // Points of a path as Leaflet wants them.
  siteopt.path = (signs) => {
    /** @type {[number, number][]} */
    const points = [];
    let lon = 0;
    let lat = 0;
    const steps = siteopt.decoded(signs);
    for (let index = 0; index < steps.length; index += 2) {
      lon += steps[index];
      lat += steps[index + 1];
      points.push([lat / 10000, lon / 10000]);
    }
    return points;
  };

  // The bytes of a zlib stream in base64.
  siteopt.inflated = async (packed) => {
    const signs = atob(packed);
    const bytes = new Uint8Array(signs.length);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = signs.charCodeAt(at);
    const whole = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
    return new Uint8Array(await whole.arrayBuffer());
  };
  // Reads the page's data and starts the page; a browser that cannot read them says so.
  siteopt.begin = async (map) => {
    if (typeof DecompressionStream === "undefined") {
      const words = document.getElementById("unreadable");
      words.hidden = false;
      document.body.replaceChildren(words);
      return;
    }
    const bytes = await siteopt.inflated(document.getElementById("siteopt-data").textContent);
    siteopt.data = JSON.parse(new TextDecoder().decode(bytes));
    siteopt.start(map);
  };

  // Gives every site its columns by row.
  siteopt.read = () => {
    const { data } = siteopt;
    siteopt.unpackLater(data.sites);
    for (const name of ["name_ko", "name_en"]) {
      data.sites[name] = data.sites[name].map((siteName, row) => siteName.replaceAll("\u001f", data.sites.site_id[row]));
    }
    siteopt.unpackLater(data.costs);
    siteopt.unpackLater(data.prices);
    for (const item of data.criteria) siteopt.unpackLater(item, ["values"]);
    siteopt.readGrid(data.grid);
    siteopt.readVerdicts(data.verdicts);
    siteopt.readImpact(data.impact);
    siteopt.readFurther(data.further);
    siteopt.readEnergy(data.energy);
    siteopt.readRobustness(data.robustness);
    siteopt.readSuitability(data.suitability);
    siteopt.rows = new Map(data.sites.site_id.map((id, row) => [id, row]));
    siteopt.chosen = data.plan.chosen.map((id) => siteopt.rows.get(id)).sort((a, b) => a - b);
    siteopt.isChosen = new Set(siteopt.chosen);
    const { stations, provinces, districts } = data.base;
    siteopt.stations = new Map((stations ? stations.id : []).map((id, row) => [id, row]));
    const named = (layer) => new Map((layer ? layer.code : []).map((code, row) => [code, [layer.ko[row], layer.en[row]]]));
    const valuesOf = (name) => (data.criteria.find((item) => item.name === name) || { values: [] }).values;
    const [basins, ko, en] = ["basin_id", "basin_name_ko", "basin_name_en"].map(valuesOf);
    siteopt.basins = new Map(basins.map((id, row) => [id, [ko[row], en[row]]]));
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
  // An exclusion with the figure from which it holds.
  siteopt.reasonText = (reason) => siteopt.text("rule.of", { title: siteopt.one(reason.title), rule: siteopt.one(reason.rule) });
  // Districts that share a published headroom, after the first of them.
  siteopt.areaName = (id) => siteopt.text("limits.area", { district: siteopt.districtName(siteopt.data.areas[id]) });
  siteopt.basinName = (id) => (siteopt.basins.has(id) ? siteopt.one(siteopt.basins.get(id)) : id);
  siteopt.provinceName = (code) => (siteopt.provinces.has(code) ? siteopt.one(siteopt.provinces.get(code)) : code || "");
  siteopt.districtName = (code) => (siteopt.districts.has(code) ? siteopt.one(siteopt.districts.get(code)) : "");
})();
