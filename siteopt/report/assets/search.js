// @ts-check
"use strict";
// Search by name and by coordinates: a combobox with a list of places (WAI-ARIA, list autocomplete).
(() => {
  const SHOWN = 30;
  const KINDS = ["province", "district", "area", "village", "complex", "station", "site"];
  const UNSEEN = /[\s·ㆍ‧,]+/g;
  const SUFFIX = /(특별자치도|특별자치시|특별시|광역시|[시도군구읍면동리])$/;
  const NUMBER = "[+-]?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?";
  const PAIR = new RegExp(`^\\(?\\s*(${NUMBER})\\s*[,;\\s]\\s*(${NUMBER})\\s*\\)?$`);
  const ANGLE = new RegExp(`(${NUMBER})\\s*[°도º]\\s*(?:(${NUMBER})\\s*['’′분]\\s*)?(?:(${NUMBER})\\s*(?:["”″초]|''|’’)\\s*)?`, "g");
  const LABEL = /EPSG\s*:?\s*5179\s*[:;]?|[xy]\s*=/gi;
  /** @type {Record<string, [number, number]>} */
  const KOREA = { lon: [124, 132], lat: [32, 39.5], x: [700000, 1500000], y: [1300000, 2200000] };
  const { node, text } = siteopt;

  // Names as they are compared; the same rules as index.py.
  const plain = (name) => name.normalize("NFC").replace(UNSEEN, "").toLowerCase();
  const stem = (name) => {
    const short = name.replace(SUFFIX, "");
    return short.length >= 2 ? short : name;
  };
  const shortened = (name) => (name.length === 4 && name.endsWith("도") ? name[0] + name[2] : name);
  // Names of units in one word, and the same with the short name of a province.
  const aboveOf = (path) => [path.map(plain).join(""), path.map((name) => shortened(plain(name))).join("")];
  const isAbove = (word, { above }) => above.some((names) => names.includes(word));

  let entries = null;
  let named = false; // whether the entries have the names of places
  const pathOf = (district) => [...new Set([siteopt.provinces.get(district.slice(0, 2)), siteopt.districts.get(district)].filter(Boolean).map(([ko]) => ko))]; // Sejong is both
  const allPlaces = () => {
    const { base, sites } = siteopt.data;
    const found = [];
    const add = (kind, key, name, path, lon, lat) => found.push({ kind, key, name, path, lon, lat });
    const units = (kind, layer, path) => (layer && siteopt.hasNames() ? layer.code : []).forEach((code, row) => add(kind, code, [layer.ko[row], layer.en[row]], path(code), layer.lon[row], layer.lat[row]));
    units("province", base.provinces, () => []);
    units("district", base.districts, (code) => pathOf(code).slice(0, -1));
    siteopt.areas().forEach((area, number) => {
      const path = pathOf(area.district);
      add("area", number, [area.name, area.name], path, area.lon, area.lat);
      for (const ri of area.ri) add("village", `${number} ${ri.name}`, [ri.name, ri.name], [...path, area.name], ri.lon, ri.lat);
    });
    for (const one of siteopt.complexes()) add("complex", one.id, one.name, pathOf(one.district), one.lon, one.lat);
    const { stations } = base;
    (stations ? stations.id : []).forEach((id, row) => {
      if (stations.kind[row] !== "new" && (stations.ko[row] || stations.en[row])) add("station", id, [stations.ko[row], stations.en[row]], stationPath(stations.lon[row], stations.lat[row]), stations.lon[row], stations.lat[row]);
    });
    const complexes = new Set(siteopt.complexes().map(({ id }) => id));
    sites.site_id.forEach((id, row) => {
      if (!complexes.has(id) && sites.lon[row] !== null) add("site", id, [sites.name_ko[row], sites.name_en[row]], pathOf(sites.district_code[row] || ""), sites.lon[row], sites.lat[row]);
    });
    return found;
  };
  const stationPath = (lon, lat) => {
    const number = siteopt.areaAt(.../** @type {[number, number]} */ (siteopt.toMetres(lon, lat)));
    return number < 0 ? [] : pathOf(siteopt.areas()[number].district);
  };
  // The index, made once: entries, their names in one text with the entry that
  // begins at each place of it, and the entries that have a name or its stem.
  const END = "\n"; // no name has it
  const indexOf = (places) => {
    const aboves = new Map();
    const above = (path) => {
      const key = path.join(END);
      if (!aboves.has(key)) aboves.set(key, aboveOf(path));
      return aboves.get(key);
    };
    const byName = new Map();
    const starts = [];
    let length = 0;
    const list = places.map((place, number) => {
      const names = [...place.name, ...(["complex", "station", "site", "province", "district"].includes(place.kind) ? [String(place.key)] : [])];
      const own = [...new Set(names.filter(Boolean).map(plain))];
      const stems = own.map(stem);
      for (const name of new Set([...own, ...stems])) {
        if (byName.has(name)) byName.get(name).push(number);
        else byName.set(name, [number]);
      }
      starts.push(length);
      for (const name of own) length += name.length + 1;
      return { place, own, stems, above: above(place.path), order: KINDS.indexOf(place.kind) };
    });
    return { list, byName, starts, all: list.map(({ own }) => own.map((name) => name + END).join("")).join("") };
  };
  const readEntries = () => {
    if (entries && named === siteopt.hasNames()) return entries;
    named = siteopt.hasNames(); // they may come after the first focus
    entries = indexOf(allPlaces());
    return entries;
  };
  // Numbers of the entries that a word can mean at all: it is in a name, or ends with a whole one.
  const candidatesOf = (word, { all, starts, byName }, found) => {
    let entry = 0;
    for (let at = all.indexOf(word); at >= 0; at = entry < starts.length ? all.indexOf(word, starts[entry]) : -1) {
      let beyond = starts.length; // the first entry that begins behind the place
      while (entry < beyond) {
        const middle = (entry + beyond) >> 1;
        if (starts[middle] <= at) entry = middle + 1;
        else beyond = middle;
      }
      found.add(entry - 1);
    }
    addJoined(word, byName, found);
  };
  const addJoined = (word, byName, found) => {
    for (let from = 1; from < word.length; from += 1) for (const number of byName.get(word.slice(from)) || []) found.add(number);
  };
  // A complex has the name of its district in its own.
  const linkLabel = ({ path, name }) => [...(name[0].startsWith(`${path[path.length - 1]} `) ? path.slice(0, -1) : path), name[0]].join(" ");
  siteopt.placeLabel = (place) => (siteopt.language === "ko" || place.name[0] === place.name[1] ? linkLabel(place) : siteopt.one(place.name));

  const joinedGrade = (word, entry) => [...entry.own, ...entry.stems].some((name) =>
    word.length > name.length && word.endsWith(name) && isAbove(word.slice(0, -name.length), entry)) ? 0 : null;
  const ownGrade = (word, entry) => {
    if (entry.own.includes(word) || entry.stems.includes(word)) return 0;
    if (entry.own.some((name) => name.startsWith(word))) return 1;
    return entry.own.some((name) => name.includes(word)) ? 2 : null;
  };
  // A name may have spaces of its own, as 대불 국가산단.
  const grade = (words, entry) => {
    let best = null;
    for (let number = 0; number < words.length; number += 1) {
      if (number > 0 && !isAbove(words[number - 1], entry)) break;
      const own = words.slice(number).join("");
      for (const one of [ownGrade(own, entry), joinedGrade(own, entry)]) if (one !== null && (best === null || one < best)) best = one;
      if (best === 0) return best;
    }
    return best;
  };
  // Places that a name may mean: whole names first, then those that begin with it, then the rest.
  siteopt.findPlaces = (query) => {
    const words = query.split(/\s+/).map(plain).filter(Boolean);
    if (!words.length) return [];
    const index = readEntries();
    const numbers = new Set();
    words.forEach((word, number) => candidatesOf(words.slice(number).join(""), index, numbers));
    /** @type {any[][]} */
    const found = Array.from({ length: 3 * KINDS.length }, () => []); // by grade and kind
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const entry = index.list[number];
      const one = grade(words, entry);
      if (one !== null) found[one * KINDS.length + entry.order].push(entry.place);
    }
    return found.flat();
  };

  const within = (value, [low, high]) => value >= low && value <= high;
  // Longitude and latitude of what was typed: undefined where it is no coordinates, null where they lie outside Korea.
  siteopt.readCoordinates = (typed) => {
    const angles = [...typed.matchAll(ANGLE)];
    if (angles.length === 2) {
      const [first, second] = angles.map(([, whole, minutes, seconds]) => Number(whole) + Number(minutes || 0) / 60 + Number(seconds || 0) / 3600);
      return inDegrees(first, second);
    }
    const pair = typed.replace(LABEL, "").trim().match(PAIR);
    if (!pair) return undefined;
    const [first, second] = [Number(pair[1]), Number(pair[2])];
    if (Math.max(Math.abs(first), Math.abs(second)) <= 180) return inDegrees(first, second);
    const [x, y] = within(first, KOREA.x) && within(second, KOREA.y) ? [first, second] : [second, first];
    return within(x, KOREA.x) && within(y, KOREA.y) ? fromMetres(x, y) : null;
  };
  const inDegrees = (first, second) => {
    const [lon, lat] = within(first, KOREA.lat) && within(second, KOREA.lon) ? [second, first] : [first, second];
    return within(lon, KOREA.lon) && within(lat, KOREA.lat) ? [lon, lat] : null;
  };
  // Degrees of a point in metres: the projection is nearly linear, so that Newton's steps on it end at once.
  const fromMetres = (x, y) => {
    let [lon, lat] = [127.5, 36];
    const STEP = 1e-5;
    for (let turn = 0; turn < 8; turn += 1) {
      const [x0, y0] = siteopt.toMetres(lon, lat);
      const [xa, ya] = siteopt.toMetres(lon + STEP, lat);
      const [xb, yb] = siteopt.toMetres(lon, lat + STEP);
      const [a, b, c, d] = [(xa - x0) / STEP, (xb - x0) / STEP, (ya - y0) / STEP, (yb - y0) / STEP];
      const [dx, dy] = [x - x0, y - y0];
      lon += (dx * d - b * dy) / (a * d - b * c);
      lat += (a * dy - c * dx) / (a * d - b * c);
    }
    return [lon, lat];
  };

  // -- the field and its list ------------------------------------------------------------------
  let shown = [];
  let active = -1;
  const part = (id) => document.getElementById(id);
  const field = () => /** @type {HTMLInputElement} */ (/** @type {unknown} */ (part("place-search")));
  const close = () => {
    shown = [];
    active = -1;
    part("place-list").replaceChildren();
    part("place-list").hidden = true;
    field().setAttribute("aria-expanded", "false");
    field().removeAttribute("aria-activedescendant");
  };
  const choose = (one) => {
    close();
    field().value = "";
    part("place-status").textContent = "";
    if (one.latlng) {
      siteopt.goTo(one.latlng, "point");
      siteopt.showPoint(one.latlng, { name: `${one.latlng.lng.toFixed(5)}, ${one.latlng.lat.toFixed(5)}` });
    } else siteopt.showPlace({ ...one.place, label: linkLabel(one.place) }, siteopt.placeLabel(one.place));
    siteopt.focusCard();
  };
  // Opens the place of a link (LON,LAT or KIND:NAME); false where there is none.
  siteopt.showLinked = (said) => {
    const point = siteopt.readCoordinates(said);
    if (point) {
      const latlng = L.latLng(point[1], point[0]);
      siteopt.goTo(latlng, "point");
      siteopt.showPoint(latlng);
      return true;
    }
    const [kind, label] = [said.slice(0, said.indexOf(":")), said.slice(said.indexOf(":") + 1)];
    const found = readEntries().list.find(({ place }) => place.kind === kind && linkLabel(place) === label);
    if (found) siteopt.showPlace({ ...found.place, label }, siteopt.placeLabel(found.place));
    return Boolean(found);
  };
  const markActive = (next) => {
    active = next;
    [...part("place-list").children].forEach((option, number) => {
      option.setAttribute("aria-selected", String(number === active));
      if (number === active) option.scrollIntoView({ block: "nearest" });
    });
    if (active < 0) field().removeAttribute("aria-activedescendant");
    else field().setAttribute("aria-activedescendant", `place-option-${active}`);
  };
  const voltage = ({ kind, key }) => {
    const { stations } = siteopt.data.base;
    return kind === "station" ? text("place.kv", { kv: stations.kv[stations.id.indexOf(key)] }) : null;
  };
  const optionOf = (one, number) => node("li", { id: `place-option-${number}`, role: "option", "aria-selected": "false",
    onmousedown: (event) => event.preventDefault(), onclick: () => choose(one) },
  node("b", {}, one.latlng ? `${one.latlng.lng.toFixed(5)}, ${one.latlng.lat.toFixed(5)}` : one.place.kind === "site" || siteopt.language === "en" ? siteopt.one(one.place.name) : one.place.name[0]),
  node("small", {}, [one.latlng ? text("place.kind_point") : text(`place.kind_${one.place.kind}`), one.place && voltage(one.place), one.place && one.place.path.length ? one.place.path.join(" ") : null].filter(Boolean).join(" · ")));
  const write = () => {
    const typed = field().value.trim();
    const point = typed ? siteopt.readCoordinates(typed) : undefined;
    const places = typed && point === undefined ? siteopt.findPlaces(typed) : [];
    shown = point ? [{ latlng: L.latLng(point[1], point[0]) }] : places.slice(0, SHOWN).map((place) => ({ place }));
    const status = !typed ? "" : point === null ? text("place.search_beyond") : shown.length === 0 ? text("place.search_none")
      : places.length > SHOWN ? text("place.search_more", { n: siteopt.number(places.length), m: SHOWN }) : text("place.search_found", { n: siteopt.number(shown.length) });
    part("place-list").replaceChildren(...shown.map(optionOf));
    part("place-list").hidden = shown.length === 0;
    field().setAttribute("aria-expanded", String(shown.length > 0));
    markActive(-1);
    part("place-status").textContent = status;
  };
  const keys = {
    ArrowDown: () => (shown.length ? markActive((active + 1) % shown.length) : write()),
    ArrowUp: () => shown.length && markActive(active <= 0 ? shown.length - 1 : active - 1),
    Enter: () => shown.length && choose(shown[Math.max(active, 0)]),
    Escape: () => {
      if (shown.length === 0) field().value = "";
      close();
      part("place-status").textContent = "";
    },
  };
  siteopt.writeSearch = () => {
    field().setAttribute("aria-label", text("place.search"));
    field().placeholder = text("place.search");
    field().title = text("place.search_hint");
    part("place-list").setAttribute("aria-label", text("place.search"));
    close();
  };
  siteopt.startSearch = () => {
    field().addEventListener("focus", () => { if (siteopt.cells) readEntries(); }); // before the first sign
    field().addEventListener("input", write);
    field().addEventListener("blur", close);
    field().addEventListener("keydown", (event) => {
      if (event.isComposing || !Object.hasOwn(keys, event.key)) return; // a syllable is being made
      event.preventDefault();
      keys[event.key]();
    });
  };
})();
