// @ts-check
"use strict";
// The picture of the land: the cells of the screening as pixels of Web Mercator, where Leaflet
// shows a picture without distortion.
(() => {
  const MERCATOR_RADIUS_M = 6378137;
  const KNOT = 4; // pixels between two nodes of the projection, linear between them; as in _land.py
  const NODE = 8; // knots between two nodes at which it is computed, cubic between them: within 0.01 mm
  const degrees = (radians) => (radians * 180) / Math.PI;

  // Weights of the four nodes about a share of the way from the second to the third (Lagrange).
  const cubic = (t) => [(-t * (t - 1) * (t - 2)) / 6, ((t + 1) * (t - 1) * (t - 2)) / 2, (-(t + 1) * t * (t - 2)) / 2, ((t + 1) * t * (t - 1)) / 6];
  // Values at `count` knots from the `first`, out of four nodes about each; `at` gives those of a node.
  const between = (first, count, at) => {
    const begin = Math.floor(first / NODE) - 1;
    const nodes = Array.from({ length: Math.floor((first + count - 1) / NODE) + 3 - begin }, (none, place) => at(begin + place));
    return Array.from({ length: count }, (none, place) => {
      const knot = first + place;
      const from = Math.floor(knot / NODE) - 1 - begin;
      return { weights: cubic(knot / NODE - Math.floor(knot / NODE)), nodes: nodes.slice(from, from + 4) };
    });
  };
  /** @type {(about: { weights: number[], nodes: any[] }, place: number) => number} */
  const mixed = ({ weights: [a, b, c, d], nodes: [p, q, r, s] }, place) => a * p[place] + b * q[place] + c * r[place] + d * s[place];
  /** @type {(about: { weights: number[], nodes: any[] }) => Float64Array} */
  const mixedLine = ({ weights: [a, b, c, d], nodes: [p, q, r, s] }) => {
    const line = new Float64Array(p.length);
    for (let col = 0; col < line.length; col += 1) line[col] = a * p[col] + b * q[col] + c * r[col] + d * s[col];
    return line;
  };

  // Metres of the knots, row by row: those of the grid at the centres of every fourth pixel.
  const knotsOf = ({ left_m: left, top_m: top, pixel_m: pixel }, firstRow, rows, firstCol, cols) => {
    const lonOf = (knot) => degrees((left + (knot * KNOT + 0.5) * pixel) / MERCATOR_RADIUS_M);
    const latOf = (knot) => degrees(2 * Math.atan(Math.exp((top - (knot * KNOT + 0.5) * pixel) / MERCATOR_RADIUS_M)) - Math.PI / 2);
    const lineOf = (node) => {
      const lat = latOf(node * NODE);
      const along = between(firstCol, cols, (col) => siteopt.toMetres(lonOf(col * NODE), lat));
      return [Float64Array.from(along, (one) => mixed(one, 0)), Float64Array.from(along, (one) => mixed(one, 1))];
    };
    return between(firstRow, rows, lineOf).map(({ weights, nodes }) => [0, 1].map((side) => mixedLine({ weights, nodes: nodes.map((node) => node[side]) })));
  };

  // Every pixel as the place of its cell in the list of combinations, plus one; 0 is off the grid.
  siteopt.drawLand = () => {
    const { land, cells } = siteopt.data;
    const { shape: [height, width], skip: [skippedRows, skippedCols] } = land;
    const { x_min_m: xMin, y_max_m: yMax, cell_m: size, n_rows: nRows, n_cols: nCols } = cells;
    const places = siteopt.cellPlaces();
    const [firstRow, firstCol] = [Math.floor(skippedRows / KNOT), Math.floor(skippedCols / KNOT)];
    const countOf = (skipped, length, first) => Math.floor((skipped + length - 1) / KNOT) - first + 2;
    const cols = countOf(skippedCols, width, firstCol);
    const knots = knotsOf(land, firstRow, countOf(skippedRows, height, firstRow), firstCol, cols);
    const values = new Uint16Array(width * height);
    const x = new Float64Array(cols);
    const y = new Float64Array(cols);
    for (let row = 0; row < height; row += 1) {
      const down = (skippedRows + row) / KNOT - firstRow;
      const knot = Math.floor(down);
      const below = down - knot;
      const [[x0, y0], [x1, y1]] = [knots[knot], knots[knot + 1]];
      for (let col = 0; col < cols; col += 1) { // in cells from the north-west corner of the grid
        x[col] = (x0[col] + (x1[col] - x0[col]) * below - xMin) / size;
        y[col] = (yMax - y0[col] - (y1[col] - y0[col]) * below) / size;
      }
      for (let col = 0; col < width; col += 1) {
        const across = skippedCols + col;
        const from = Math.floor(across / KNOT) - firstCol;
        const share = (across % KNOT) / KNOT;
        const cellCol = Math.floor(x[from] + (x[from + 1] - x[from]) * share);
        const cellRow = Math.floor(y[from] + (y[from + 1] - y[from]) * share);
        if (cellCol >= 0 && cellRow >= 0 && cellCol < nCols && cellRow < nRows) values[row * width + col] = places[cellRow * nCols + cellCol] + 1;
      }
    }
    land.combinations = [-1, ...cells.codes.map((code, place) => (cells.land[place] ? code : -1))];
    siteopt.cells = { values, width, height };
  };
})();
