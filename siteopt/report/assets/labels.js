// @ts-check
"use strict";
// Names of provinces and districts; one that would overlap another moves aside or waits.
(() => {
  const DISTRICTS_FROM = 9; // zoom
  const WARDS_FROM = 10.5;
  const MARK = 15; // half of a chosen site's mark and its rim, in pixels
  const ASIDE = [[0, 0], [0, -1], [0, 1], [-0.6, 0], [0.6, 0], [-0.6, -1], [0.6, -1], [-0.6, 1], [0.6, 1], [0, -2], [0, 2]];

  // The short form: 경북 of 경상북도, 서울 of 서울특별시.
  const short = (name) => name.replace(/^(.).(남|북)도$/, "$1$2").replace(/(특별자치|특별|광역|자치)?(시|도)$/, "");

  siteopt.labels = (map) => {
    const group = /** @type {L.LayerGroup & { write(): void }} */ (L.layerGroup());
    let names = [];
    group.write = () => {
      group.clearLayers();
      names = [];
      for (const [layer, kind] of [["provinces", "province"], ["districts", "district"]]) {
        const table = siteopt.data.base[layer];
        (table ? table.code : []).forEach((code, row) => {
          const ko = layer === "provinces" ? short(table.ko[row]) : table.ko[row];
          const span = siteopt.node("span", {}, siteopt.one([ko, table.en[row]]));
          const ward = kind === "district" && table.ko[row].endsWith("구");
          const icon = L.divIcon({ className: `label ${kind}${ward ? " ward" : ""}`, html: span, iconSize: [0, 0] });
          const from = kind === "province" ? 0 : ward ? WARDS_FROM : DISTRICTS_FROM;
          names.push({ span, from, place: L.latLng(table.lat[row], table.lon[row]) });
          new siteopt.PlacedMarker([table.lat[row], table.lon[row]], { icon, interactive: false, keyboard: false, pane: "siteopt-labels" }).addTo(group);
        });
      }
      names.sort((a, b) => a.from - b.from);
      arrange();
    };

    const arrange = () => {
      const zoom = map.getZoom();
      map.getContainer().classList.toggle("districts-named", zoom >= DISTRICTS_FROM);
      map.getContainer().classList.toggle("wards-named", zoom >= WARDS_FROM);
      if (!map.hasLayer(group)) return;
      const { lat, lon } = siteopt.data.sites;
      const taken = siteopt.chosen.map((row) => {
        const [right, down] = siteopt.markOffset ? siteopt.markOffset(row) : [0, 0];
        const { x, y } = map.project([lat[row], lon[row]], zoom).add([right, down]);
        return [x - MARK, y - MARK, x + MARK, y + MARK];
      });
      const wanted = names.filter(({ from }) => zoom >= from);
      for (const { span } of wanted) span.hidden = false; // to be measured
      const sizes = wanted.map(({ span }) => [span.offsetWidth, span.offsetHeight]);
      wanted.forEach(({ span, place }, index) => {
        const [width, height] = sizes[index];
        const { x, y } = map.project(place, zoom);
        const found = ASIDE.map(([across, down]) => [across * width, down * height * 0.8])
          .map(([right, down]) => ({ right, down, box: [x + right - width / 2, y + down - height / 2 + 2, x + right + width / 2, y + down + height / 2 - 2] }))
          .find(({ box }) => !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]));
        span.style.visibility = found ? "" : "hidden";
        if (!found) return;
        taken.push(found.box);
        span.style.transform = `translate(calc(-50% + ${found.right.toFixed(1)}px), calc(-50% + ${found.down.toFixed(1)}px))`;
      });
      cull();
    };

    // Names far outside the view are taken out: each that is there costs time in every frame.
    const cull = () => {
      const near = map.getBounds().pad(0.3);
      for (const { span, place } of names) span.hidden = !near.contains(place);
    };
    map.createPane("siteopt-labels").style.zIndex = "450";
    map.getPane("siteopt-labels").style.pointerEvents = "none";
    map.on("zoomend", arrange);
    map.on("moveend", cull);
    group.on("add", arrange);
    return group;
  };
})();
