// @ts-check
"use strict";
// What the address of the page asks for (#site=ID&year=YEAR&lang=en), and a note on what it cannot show.
(() => {
  const LONGEST = 60; // signs of a link that the note repeats
  const { node, text } = siteopt;
  let faults = []; // keys of texts, each with its values

  // Of a stranger's link: no control or bidirectional signs, and not without end.
  const told = (said) => {
    const plain = said.replace(/\p{C}/gu, "\uFFFD");
    return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
  };
  const READERS = {
    lang: (value) => (["ko", "en"].includes(value) ? value : undefined),
    year: (value) => ((siteopt.data.years ? siteopt.data.years.each : []).some(({ year }) => String(year) === value) ? Number(value) : undefined),
    site: (value) => value || undefined,
  };

  // What the address asks for; what it asks wrongly is kept for the note.
  siteopt.readLink = () => {
    const asked = {};
    faults = [];
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      const read = Object.hasOwn(READERS, name) && !Object.hasOwn(asked, name) ? READERS[name](value) : undefined;
      if (read === undefined) faults.push(["link.part", { part: told(value ? `${name}=${value}` : name) }]);
      else asked[name] = read;
    }
    if (asked.site === undefined) return asked;
    asked.row = siteopt.rows.get(asked.site);
    const shown = siteopt.data.sites.site_id.length;
    if (asked.row === undefined) {
      faults.push(["link.site", { site: told(asked.site) }]);
      if (shown < siteopt.data.sites_count) faults.push(["link.beyond", { n: shown }]);
    }
    return asked;
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
  siteopt.tellLink = () => {
    siteopt.writeLinkNote();
    if (faults.length) document.getElementById("link-note").focus();
  };
})();
