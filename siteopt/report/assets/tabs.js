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
    const { activeElement: active } = document;
    const focused = active && active.id.startsWith("tab-") ? active.id : null;
    document.getElementById("tabs").replaceChildren(...names.map((name) =>
      node("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `page-${name}`, onclick: () => choose(name), onkeydown: byKey }, text(`tab.${name}`))));
    document.getElementById("pages").replaceChildren(...names.map((name) =>
      node("section", { role: "tabpanel", id: `page-${name}`, "aria-labelledby": `tab-${name}` },
        node("h2", { class: "page-title" }, text(`tab.${name}`)), makers[name]())));
    show(names.includes(shown) ? shown : names[0]);
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  };

  const show = (name) => {
    const other = name !== shown;
    shown = name;
    for (const one of names) {
      const tab = document.getElementById(`tab-${one}`);
      tab.setAttribute("aria-selected", String(one === name));
      tab.tabIndex = one === name ? 0 : -1;
      document.getElementById(`page-${one}`).classList.toggle("shown", one === name);
    }
    if (other) document.getElementById("pages").scrollTop = 0;
    if (siteopt.tabShown) siteopt.tabShown(name);
  };
  siteopt.showTab = show;
  siteopt.tabNames = () => names;
  siteopt.shownTab = () => shown;
  // By hand: a step that the address keeps.
  const choose = (name) => {
    show(name);
    if (siteopt.tabChosen) siteopt.tabChosen(name);
  };

  const byKey = (event) => {
    const at = names.indexOf(shown);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault(); // Home and End would scroll the page
    choose(names[(to + names.length) % names.length]);
    document.getElementById(`tab-${shown}`).focus();
  };
})();
