// @ts-check
"use strict";
// The tabs of a panel: one page at a time, arrow keys go through them; on paper all are below each other.
(() => {
  const { node, text } = siteopt;
  let names = [];
  let shown = "";

  // Write a tab and a page for each name; makers give the content of a page.
  siteopt.writeTabs = (all, makers) => {
    names = all;
    document.getElementById("tabs").replaceChildren(...names.map((name) =>
      node("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `page-${name}`, onclick: () => show(name), onkeydown: arrows }, text(`tab.${name}`))));
    document.getElementById("pages").replaceChildren(...names.map((name) =>
      node("section", { role: "tabpanel", id: `page-${name}`, "aria-labelledby": `tab-${name}` },
        node("h2", { class: "print-only" }, text(`tab.${name}`)), makers[name]())));
    show(names.includes(shown) ? shown : names[0]);
  };

  const show = (name) => {
    shown = name;
    for (const other of names) {
      const tab = document.getElementById(`tab-${other}`);
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      document.getElementById(`page-${other}`).classList.toggle("shown", other === name);
    }
  };
  siteopt.showTab = show;

  const arrows = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    show(names[(names.indexOf(shown) + step + names.length) % names.length]);
    document.getElementById(`tab-${shown}`).focus();
  };
})();
