// @ts-check
"use strict";
// How the map is drawn: paths of the base out of typed arrays, points out of small pictures, and
// nothing anew while what a pan shows has been drawn already.
(() => {
  const PADDING = 0.3; // of the view, drawn on each side of it
  const WORLD = 256; // pixels of the world at zoom 0
  const NEAR_PX = 0.7; // points nearer than this to the one before are left out
  const SETTLE_MS = 600; // after the last move
  const { decoded } = siteopt;
  const Canvas = /** @type {any} */ (L.Canvas);
  const Path = /** @type {any} */ (L.Path);

  // Points in world coordinates (0 to 1, y to the south), two numbers a point.
  const world = (signs) => {
    const steps = decoded(signs);
    const points = new Float64Array(steps.length);
    let lon = 0;
    let lat = 0;
    for (let at = 0; at < steps.length; at += 2) {
      lon += steps[at];
      lat += steps[at + 1];
      const sine = Math.sin((lat / 10000) * (Math.PI / 180));
      points[at] = lon / 10000 / 360 + 0.5;
      points[at + 1] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    }
    return points;
  };
  const boxOf = (points) => {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 0; at < points.length; at += 2) {
      box[0] = Math.min(box[0], points[at]);
      box[1] = Math.min(box[1], points[at + 1]);
      box[2] = Math.max(box[2], points[at]);
      box[3] = Math.max(box[3], points[at + 1]);
    }
    return box;
  };

  // What is drawn with a canvas whatever part of it is redrawn, and takes no mouse.
  const Drawn = Path.extend({
    _project() {},
    _update() { this._pxBounds = this._renderer._bounds; },
    _containsPoint() { return false; },
    // The window of the canvas: world coordinates at its corner, and pixels of the world.
    _window() {
      const { min, max } = this._renderer._bounds;
      const scale = WORLD * 2 ** this._map.getZoom();
      const origin = this._map.getPixelOrigin();
      return { scale, origin, view: [(min.x + origin.x) / scale, (min.y + origin.y) / scale, (max.x + origin.x) / scale, (max.y + origin.y) / scale] };
    },
  });

  // Many lines, or rings of polygons, in one style.
  const Ink = Drawn.extend({
    initialize(paths, options) {
      L.setOptions(this, options);
      this._lines = paths.map((signs) => {
        const points = world(signs);
        return { points, box: boxOf(points) };
      });
    },
    getBounds() {
      const box = this._lines.reduce((all, one) => [Math.min(all[0], one.box[0]), Math.min(all[1], one.box[1]), Math.max(all[2], one.box[2]), Math.max(all[3], one.box[3])], [1, 1, 0, 0]);
      const place = (x, y) => L.CRS.EPSG3857.pointToLatLng(L.point(x * WORLD, y * WORLD), 0);
      return L.latLngBounds(place(box[0], box[1]), place(box[2], box[3]));
    },
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing) return;
      const { scale, origin, view } = this._window();
      const context = renderer._ctx;
      const near = NEAR_PX / scale;
      context.beginPath();
      for (const { points, box } of this._lines) {
        if (box[0] > view[2] || box[2] < view[0] || box[1] > view[3] || box[3] < view[1]) continue;
        const end = points.length - 2;
        let x = points[0];
        let y = points[1];
        context.moveTo(x * scale - origin.x, y * scale - origin.y);
        for (let at = 2; at <= end; at += 2) {
          if (at < end && Math.abs(points[at] - x) < near && Math.abs(points[at + 1] - y) < near) continue;
          x = points[at];
          y = points[at + 1];
          context.lineTo(x * scale - origin.x, y * scale - origin.y);
        }
      }
      renderer._fillStroke(context, this);
    },
  });
  siteopt.ink = (paths, options) => new Ink(paths, { interactive: false, fill: false, ...options });

  // A picture of cells between two parallels and meridians, its cells as squares.
  const Picture = Drawn.extend({
    initialize(picture, bounds, options) {
      L.setOptions(this, options);
      this._picture = picture;
      this._place = L.latLngBounds(bounds);
    },
    getBounds() { return this._place; },
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing) return;
      const corner = this._map.latLngToLayerPoint(this._place.getNorthWest());
      const size = this._map.latLngToLayerPoint(this._place.getSouthEast()).subtract(corner);
      const { min, max } = renderer._bounds;
      const { width, height } = this._picture;
      // Only the cells in the window: a whole country at zoom 14 is a picture of 40,000 pixels.
      const across = size.x / width;
      const down = size.y / height;
      const left = Math.max(0, Math.floor((min.x - corner.x) / across));
      const top = Math.max(0, Math.floor((min.y - corner.y) / down));
      const right = Math.min(width, Math.ceil((max.x - corner.x) / across));
      const bottom = Math.min(height, Math.ceil((max.y - corner.y) / down));
      if (right <= left || bottom <= top) return;
      const context = renderer._ctx;
      context.globalAlpha = 1;
      context.imageSmoothingEnabled = false;
      context.drawImage(this._picture, left, top, right - left, bottom - top, corner.x + left * across, corner.y + top * down, (right - left) * across, (bottom - top) * down);
    },
  });
  siteopt.picture = (picture, bounds, renderer) => new Picture(picture, bounds, { renderer, interactive: false });

  // A canvas that is drawn anew where a pan leaves what it holds, not at each move.
  const Still = Canvas.extend({
    _update() {
      if (this._holds()) {
        clearTimeout(this._settling);
        this._settling = setTimeout(() => this._settle(), SETTLE_MS);
        return;
      }
      clearTimeout(this._settling);
      Canvas.prototype._update.call(this);
      if (this._map._animatingZoom) return; // drawn at its end
      this._drawnAt = { origin: this._map.getPixelOrigin(), size: this._map.getSize(), retina: L.Browser.retina };
    },
    // The lowest canvas has no holes: what lies behind need not be looked at in any frame.
    _initContainer() {
      if (!this.options.ground) {
        Canvas.prototype._initContainer.call(this);
        return;
      }
      this._container = siteopt.node("canvas");
      this._ctx = this._container.getContext("2d", { alpha: false });
    },
    _clear() {
      Canvas.prototype._clear.call(this);
      if (!this.options.ground) return;
      const { min, max } = this._redrawBounds || this._bounds;
      this._ctx.fillStyle = this.options.ground;
      this._ctx.fillRect(min.x, min.y, max.x - min.x, max.y - min.y);
    },
    _view() {
      const corner = this._map.containerPointToLayerPoint([0, 0]);
      return L.bounds(corner, corner.add(this._map.getSize()));
    },
    _holds() {
      const at = this._drawnAt;
      return Boolean(at) && !this._postponeUpdatePaths && this._zoom === this._map.getZoom() && at.retina === L.Browser.retina
        && at.origin.equals(this._map.getPixelOrigin()) && at.size.equals(this._map.getSize()) && this._bounds.contains(this._view());
    },
    // Once it rests, half of what lies beside the view is there for the next move, or is drawn.
    _settle() {
      if (!this._map || this._map._animatingZoom || !this._holds()) return;
      const beside = this._map.getSize().multiplyBy(PADDING / 2);
      const view = this._view();
      if (!this._bounds.contains(L.bounds(view.min.subtract(beside), view.max.add(beside)))) this.drawNow();
    },
    drawNow() {
      this._drawnAt = null;
      this._update();
    },
    onRemove() {
      clearTimeout(this._settling);
      Canvas.prototype.onRemove.call(this);
    },
    // A circle is drawn once for its style and then copied: its centre is a whole pixel.
    _updateCircle(layer) {
      if (!this._drawing || layer._empty()) return;
      const { x, y } = layer._point;
      const { picture, half } = this._stamp(layer);
      this._ctx.globalAlpha = 1;
      this._ctx.drawImage(picture, x - half, y - half, 2 * half, 2 * half);
    },
    _stamp(layer) {
      const { color, weight, opacity, fillColor, fillOpacity, stroke, fill, _dashArray: dashes, shape } = layer.options;
      const radius = layer._radius;
      const dots = L.Browser.retina ? 2 : 1;
      const key = [radius, color, weight, opacity, fillColor, fillOpacity, stroke, fill, dashes, shape, dots].join();
      this._stamps = this._stamps || new Map();
      const known = this._stamps.get(key);
      if (known) return known;
      const half = Math.ceil(radius + (stroke ? weight / 2 : 0)) + 1;
      const picture = siteopt.node("canvas", { width: 2 * half * dots, height: 2 * half * dots });
      const context = picture.getContext("2d");
      context.scale(dots, dots);
      context.translate(half, half);
      outline(context, shape, radius);
      this._fillStroke(context, layer);
      const made = { picture, half };
      this._stamps.set(key, made);
      return made;
    },
  });
  // A cross where there can be nothing, else a circle.
  const outline = (context, shape, radius) => {
    context.beginPath();
    if (shape === "cross") {
      context.moveTo(-radius, -radius);
      context.lineTo(radius, radius);
      context.moveTo(-radius, radius);
      context.lineTo(radius, -radius);
    } else context.arc(0, 0, radius, 0, 2 * Math.PI, false);
  };

  const canvases = [];
  siteopt.canvas = (pane, ground = null) => {
    canvases.push(new Still({ pane, ground, padding: PADDING }));
    return canvases[canvases.length - 1];
  };
  // All canvases anew, such as for paper.
  siteopt.drawNow = () => canvases.filter((one) => one._map).forEach((one) => one.drawNow());

  // A marker of the page's own placed by its corner: each transform would be a layer of its own to the browser.
  siteopt.PlacedMarker = L.Marker.extend({
    _setPos(pos) {
      const icon = /** @type {any} */ (this)._icon;
      icon._leaflet_pos = pos;
      icon.style.left = `${pos.x}px`;
      icon.style.top = `${pos.y}px`;
    },
  });
})();
