// @ts-check
"use strict";
// The result of the screening at a place: its cell on the grid in EPSG:5179, as in eligibility.tif.
(() => {
  // Series of Krüger to the sixth order in the third flattening n, as in Karney, "Transverse
  // Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011), equations 12 and 35.
  const ORDERS = [
    [1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800],
    [13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360],
    [61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440],
    [49561 / 161280, -179 / 168, 6601661 / 7257600],
    [34729 / 80640, -3418889 / 1995840],
    [212378941 / 319334400],
  ];
  const radians = (degrees) => (degrees * Math.PI) / 180;

  // A function from longitude and latitude in degrees to metres of a transverse Mercator projection.
  siteopt.transverseMercator = ({ radius_m: radius, inverse_flattening: inverse, lon: lon0, lat: lat0, scale, x_m: east, y_m: north }) => {
    const f = 1 / inverse;
    const n = f / (2 - f);
    const eccentricity = Math.sqrt(f * (2 - f));
    const rectifying = (radius / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64 + n ** 6 / 256);
    const alphas = ORDERS.map((terms, order) => terms.reduce((sum, term, place) => sum + term * n ** (order + place + 1), 0));
    const unscaled = (lon, lat) => {
      const tau = Math.tan(radians(lat));
      const sigma = Math.sinh(eccentricity * Math.atanh((eccentricity * tau) / Math.hypot(1, tau)));
      const conformal = tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
      const across = radians(lon - lon0);
      const xi = Math.atan2(conformal, Math.cos(across));
      const eta = Math.asinh(Math.sin(across) / Math.hypot(conformal, Math.cos(across)));
      return alphas.reduce(([x, y], alpha, order) => {
        const times = 2 * (order + 1);
        return [x + alpha * Math.cos(times * xi) * Math.sinh(times * eta), y + alpha * Math.sin(times * xi) * Math.cosh(times * eta)];
      }, [eta, xi]);
    };
    const [, origin] = unscaled(lon0, lat0);
    return (lon, lat) => {
      const [x, y] = unscaled(lon, lat);
      return [east + scale * rectifying * x, north + scale * rectifying * (y - origin)];
    };
  };

  let places = null; // of each cell in the list of combinations
  let toMetres = null;
  siteopt.readCells = async () => {
    const { cells } = siteopt.data;
    toMetres = siteopt.transverseMercator(cells.projection);
    siteopt.toMetres = toMetres;
    const bytes = await siteopt.inflated(cells.deflate);
    places = cells.bytes === 1 ? bytes : Uint16Array.from({ length: bytes.length / 2 }, (none, cell) => bytes[2 * cell] + 256 * bytes[2 * cell + 1]);
  };

  // The place of a cell in the list of combinations, -1 off the grid.
  const placeAt = ({ lat, lng }) => {
    const { x_min_m: left, y_max_m: top, cell_m: size, n_rows: rows, n_cols: cols } = siteopt.data.cells;
    const [x, y] = toMetres(lng, lat);
    const col = Math.floor((x - left) / size);
    const row = Math.floor((top - y) / size);
    return col >= 0 && row >= 0 && col < cols && row < rows ? places[row * cols + col] : -1;
  };
  siteopt.cellPlaces = () => places;
  // Reasons of a cell by its number, row by row.
  siteopt.codeOf = (cell) => siteopt.data.cells.codes[places[cell]];
  siteopt.reasonsAt = (place) => {
    const found = placeAt(place);
    return found < 0 ? found : siteopt.data.cells.codes[found];
  };
  // The result at a place: the key of its text, and the titles of all reasons.
  siteopt.landAt = (place) => {
    const found = placeAt(place);
    if (found < 0) return { head: "land.here_frame", reasons: [] };
    const { codes, land } = siteopt.data.cells;
    const reasons = siteopt.data.reasons.filter((reason, bit) => Math.floor(codes[found] / 2 ** bit) % 2 === 1);
    return { head: !land[found] ? "land.here_outside" : reasons.length ? "land.here_excluded" : "land.here_eligible", reasons };
  };
})();
