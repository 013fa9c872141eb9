// @ts-check
"use strict";
// What the address of the page selects (#site=ID&year=YEAR&lang=en), and a note on what it cannot show.
(() => {
  const COMPARED = 4; // sites side by side
  const LONGEST = 60; // signs of a link that the note repeats
  const { node, text } = siteopt;
  let faults = []; // keys of texts, each with its values

  // A part of an untrusted link: without control and bidirectional signs, and of limited length.
  const cleaned = (value) => {
    const plain = value.replace(/\p{C}/gu, "\uFFFD");
    return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
  };
  const READERS = {
    lang: (value) => (["ko", "en"].includes(value) ? value : undefined),
    year: (value) => ((siteopt.data.years ? siteopt.data.years.each : []).some(({ year }) => String(year) === value) ? Number(value) : undefined),
    site: (value) => value || undefined,
    compare: (value) => {
      const rows = value.split(",").map((id) => siteopt.rows.get(id));
      return rows.length <= COMPARED && rows.every((row) => row !== undefined) ? rows : undefined;
    },
    weights: (value) => siteopt.parseWeights(value),
  };

  // What the address selects; parts that are not valid are kept for the note.
  siteopt.readLink = () => {
    const link = {};
    faults = [];
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const read = Object.hasOwn(READERS, name) && !Object.hasOwn(link, name) ? READERS[name](value) : undefined;
      if (read === undefined) faults.push(["link.part", { part: cleaned(value ? `${name}=${value}` : name) }]);
      else link[name] = read;
    }
    if (link.site === undefined) return link;
    link.row = siteopt.rows.get(link.site);
    const shown = siteopt.data.sites.site_id.length;
    if (link.row === undefined) {
      faults.push(["link.site", { site: cleaned(link.site) }]);
      if (shown < siteopt.data.sites_count) faults.push(["link.beyond", { n: shown }]);
    }
    return link;
  };

  // What the tabs take from the address and give to it: sites side by side, weights.
  siteopt.takeLink = (link) => {
    if (link.compare) siteopt.compareRows(link.compare);
    if (link.weights) siteopt.weigh(link.weights);
    if (link.compare) siteopt.showTab("compare");
    else if (link.weights) siteopt.showTab("weights");
  };
  siteopt.tabParts = () => {
    const ids = siteopt.compared().map((row) => encodeURIComponent(siteopt.data.sites.site_id[row]));
    const weights = siteopt.data.suitability ? siteopt.weightsPart() : null;
    return [ids.length ? `compare=${ids.join(",")}` : null, weights && `weights=${weights}`].filter(Boolean);
  };

  // The note over the map, in the language that is shown; none where the link was right.
  siteopt.writeLinkNote = () => {
    const note = document.getElementById("link-note");
    note.hidden = faults.length === 0;
    const close = () => {
      faults = [];
      siteopt.writeLinkNote();
      siteopt.map.getContainer().focus();
    };
    note.replaceChildren(...(note.hidden ? [] : [
      node("div", {}, faults.map(([key, values]) => node("p", {}, text(key, { ...values, n: siteopt.number(values.n) })))),
      node("button", { type: "button", onclick: close }, text("link.close"))]));
  };
  siteopt.showLinkNote = () => {
    siteopt.writeLinkNote();
    if (faults.length) document.getElementById("link-note").focus();
  };
})();
