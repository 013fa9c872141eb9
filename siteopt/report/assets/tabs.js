// @ts-check
"use strict";
// The tabs of a panel: one page at a time, arrow keys go through them; on paper all are below each other.
(() => {
  const { node, text } = siteopt;
  let names = [];
  let shown = "";
  let made = {};

  // Write a tab and a page for each name; makers give the content of a page.
  siteopt.writeTabs = (all, makers) => {
    names = all;
    made = makers;
    document.getElementById("tabs").replaceChildren(...names.map((name) =>
      node("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `page-${name}`, onclick: () => show(name), onkeydown: arrows }, text(`tab.${name}`))));
    document.getElementById("pages").replaceChildren(...names.map((name) =>
      node("section", { role: "tabpanel", id: `page-${name}`, "aria-labelledby": `tab-${name}` },
        node("h2", { class: "print-only" }, text(`tab.${name}`)), makers[name]())));
    show(names.includes(shown) ? shown : names[0]);
  };
  siteopt.hasTab = (name) => names.includes(name);
  // Write the content of one page anew.
  siteopt.writePage = (name) => {
    if (!siteopt.hasTab(name)) return;
    const page = document.getElementById(`page-${name}`);
    page.replaceChildren(page.firstChild, made[name]());
  };

  // Show a page; where its tab is chosen from elsewhere the focus goes there.
  const show = (name, focused = false) => {
    shown = name;
    for (const other of names) {
      const tab = document.getElementById(`tab-${other}`);
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      document.getElementById(`page-${other}`).classList.toggle("shown", other === name);
    }
    const tab = document.getElementById(`tab-${name}`);
    if (tab.parentElement.scrollWidth > tab.parentElement.clientWidth) tab.scrollIntoView({ block: "nearest", inline: "center" });
    if (!focused) return;
    document.getElementById("pages").scrollTop = 0;
    tab.focus();
  };
  siteopt.showTab = show;

  const arrows = (event) => {
    const at = names.indexOf(shown);
    const places = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (!Object.hasOwn(places, event.key)) return;
    event.preventDefault();
    show(names[(places[event.key] + names.length) % names.length]);
    document.getElementById(`tab-${shown}`).focus();
  };
})();
