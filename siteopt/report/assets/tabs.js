// @ts-check
"use strict";
// The tabs of a panel: one page at a time, arrow keys go through them; on paper all are below each other.
// What a page holds is written when it is shown first, when the browser has nothing else to do, or
// before it is printed.
(() => {
  const { node, text } = siteopt;
  let names = [];
  let shown = "";
  let made = {};
  let unwritten = new Set();

  // Write a tab and a page for each name; makers give the content of a page.
  siteopt.writeTabs = (all, makers) => {
    names = all;
    const { activeElement: active } = document;
    const focused = active && active.id.startsWith("tab-") ? active.id : null;
    made = makers;
    document.getElementById("tabs").replaceChildren(...names.map((name) =>
      node("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `page-${name}`, onclick: () => choose(name), onkeydown: byKey }, text(`tab.${name}`))));
    document.getElementById("pages").replaceChildren(...names.map((name) =>
      node("section", { role: "tabpanel", id: `page-${name}`, "aria-labelledby": `tab-${name}` },
        node("h2", { class: "page-title" }, text(`tab.${name}`)))));
    unwritten = new Set(names);
    show(names.includes(shown) ? shown : names[0]);
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  };
  siteopt.hasTab = (name) => names.includes(name);
  // Write the content of one page anew; of one that was not shown yet, once it is.
  siteopt.writePage = (name) => {
    if (siteopt.hasTab(name) && !unwritten.has(name)) write(name);
  };
  // Write what was not shown yet too: at once, or a page at a time between other work.
  siteopt.writeAllPages = () => [...unwritten].forEach(write);
  const whenIdle = (work) => (window.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 20));
  let resting = null;
  siteopt.writeRest = () => {
    resting = resting || new Promise((done) => {
      const next = () => {
        const [name] = unwritten;
        if (name === undefined) {
          resting = null;
          done();
          return;
        }
        write(name);
        whenIdle(next);
      };
      whenIdle(next);
    });
    return resting;
  };
  const write = (name) => {
    unwritten.delete(name);
    const page = document.getElementById(`page-${name}`);
    page.replaceChildren(page.firstChild, made[name]());
    if (siteopt.explainTerms) siteopt.explainTerms(page);
  };

  // Show a page; where its tab is chosen from elsewhere the focus goes there.
  const show = (name, focused = false) => {
    if (unwritten.has(name)) write(name);
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
    const chosen = document.getElementById(`tab-${name}`);
    if (chosen.parentElement.scrollWidth > chosen.parentElement.clientWidth) chosen.scrollIntoView({ block: "nearest", inline: "center" });
    if (!focused) return;
    document.getElementById("pages").scrollTop = 0;
    chosen.focus();
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
    const places = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (!Object.hasOwn(places, event.key)) return;
    event.preventDefault(); // Home and End would scroll the page
    choose(names[(places[event.key] + names.length) % names.length]);
    document.getElementById(`tab-${shown}`).focus();
  };
})();
