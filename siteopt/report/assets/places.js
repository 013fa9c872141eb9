// @ts-check
"use strict";
// Names and areas of places, read from the page: which eup, myeon or dong a point is in, and who has a name.
(() => {
  const SCALE = 1000; // of a degree; see _place_index.py
  const TILE_UNIT_M = 500; // ids of tiles count their corner in these metres
  let areas = null; // eup, myeon, dong: name, district, lon, lat, ri
  let cells = null; // area of each cell, plus one; 0 is none
  let complexes = [];

  const textOf = async (packed) => new TextDecoder().decode(await siteopt.inflated(packed));

  // Whole numbers of either sign, seven bits a byte; see `_signed` in _place_index.py.
  const signedNumbers = (bytes) => {
    const found = [];
    let value = 0;
    let scale = 1;
    for (const byte of bytes) {
      value += (byte % 128) * scale;
      scale *= 128;
      if (byte < 128) {
        found.push(value % 2 ? -(value + 1) / 2 : value / 2);
        value = 0;
        scale = 1;
      }
    }
    return found;
  };

  // Areas by cell out of runs; see `area_runs` in _place_index.py.
  const readRuns = (frame, borders, order, fresh) => {
    const { n_rows: rows, n_cols: cols } = frame;
    const found = new Uint16Array(rows * cols);
    let run = 0;
    let next = 0;
    let last = 0;
    for (let row = 0; row < rows; row += 1) {
      const at = row * cols;
      let start = 0;
      let before = -1;
      while (start < cols) {
        let end = start + 1;
        while (end < cols && !(borders[(at + end) >> 3] & (128 >> ((at + end) & 7)))) end += 1;
        const seen = order[run];
        let number = 0;
        if (seen) number = numberAbove(found, row ? at - cols : -1, start, end, before, seen);
        else {
          last += fresh[next];
          next += 1;
          number = last;
        }
        found.fill(number, at + start, at + end);
        run += 1;
        before = number;
        start = end;
      }
    }
    return found;
  };
  // The n-th of the different numbers above a run, that of the run before it left out.
  const numberAbove = (found, above, start, end, before, wanted) => {
    if (above < 0) return 0;
    const known = [];
    let last = -1;
    for (let col = start; col < end; col += 1) {
      const number = found[above + col];
      if (number === last) continue;
      last = number;
      if (number !== before && !known.includes(number)) known.push(number);
      if (known.length === wanted) break;
    }
    return known[wanted - 1];
  };

  const readAreas = (lines, districts, lon, lat) => {
    const made = [];
    let place = 0;
    let point = 0;
    let lastX = 0;
    let lastY = 0;
    for (const [district, count] of districts) {
      for (let number = 0; number < count; number += 1) {
        const [name, ...below] = lines[place].split(",");
        lastX += lon[point];
        lastY += lat[point];
        point += 1;
        const area = { name, district, lon: lastX / SCALE, lat: lastY / SCALE, ri: [] };
        let [x, y] = [lastX, lastY];
        for (const short of below) {
          x += lon[point];
          y += lat[point];
          point += 1;
          area.ri.push({ name: short.endsWith("!") ? short.slice(0, -1) : `${short}리`, lon: x / SCALE, lat: y / SCALE });
        }
        made.push(area);
        place += 1;
      }
    }
    return made;
  };

  siteopt.readPlaces = async () => {
    const { gazetteer, complexes: packed } = siteopt.data.places;
    const [ids, ko, en, district, lon, lat, excluded] = JSON.parse(await textOf(packed));
    complexes = ids.map((id, row) => {
      const [x, y] = siteopt.toMetres(lon[row], lat[row]);
      return { id, name: [ko[row], en[row]], district: district[row], lon: lon[row], lat: lat[row], x, y, excluded: excluded[row] ? excluded[row].split(";") : [] };
    });
    if (!gazetteer) return;
    const { cells: frame } = gazetteer;
    const [names, lonSteps, latSteps, borders, order, fresh] = await Promise.all([textOf(gazetteer.names), ...gazetteer.points.map(siteopt.inflated),
      siteopt.inflated(frame.borders), siteopt.inflated(frame.order), siteopt.inflated(frame.fresh)]);
    areas = readAreas(/** @type {string} */ (names).split("\n"), gazetteer.districts, signedNumbers(lonSteps), signedNumbers(latSteps));
    cells = readRuns(frame, borders, order, signedNumbers(fresh));
  };
  siteopt.hasNames = () => areas !== null;
  siteopt.areas = () => areas || [];
  siteopt.complexes = () => complexes;

  // Place of the area that a point in metres is in, -1 for none.
  siteopt.areaAt = (x, y) => {
    if (cells === null) return -1;
    const { x_min_m: left, y_max_m: top, cell_m: size, n_rows: rows, n_cols: cols } = siteopt.data.places.gazetteer.cells;
    const col = Math.floor((x - left) / size);
    const row = Math.floor((top - y) / size);
    return col >= 0 && row >= 0 && col < cols && row < rows ? cells[row * cols + col] - 1 : -1;
  };

  // Metres of all candidates, from their degrees.
  let metres = null;
  siteopt.siteMetres = () => {
    const { lon, lat } = siteopt.data.sites;
    metres = metres || lon.map((one, row) => (one === null || lat[row] === null ? null : siteopt.toMetres(one, lat[row])));
    return metres;
  };
  // The row of the candidate of the tile that a point is in, undefined where there is none.
  siteopt.tileAt = (x, y) => {
    const { tile_m: size } = siteopt.data.places;
    if (size === null) return undefined;
    const corner = (one) => {
      const number = Math.floor((Math.floor(one / size) * size) / TILE_UNIT_M);
      return (number < 0 ? "-" : "") + String(Math.abs(number)).padStart(number < 0 ? 3 : 4, "0");
    };
    return siteopt.rows.get(`S${corner(x)}-${corner(y)}`);
  };
  // Those of the areas that make up a province, a district or an area.
  siteopt.areasOf = (kind, key) => {
    const found = [];
    siteopt.areas().forEach((area, number) => {
      if (kind === "area" ? number === key : kind === "district" ? area.district === key : area.district.startsWith(key)) found.push(number);
    });
    return found;
  };
})();
