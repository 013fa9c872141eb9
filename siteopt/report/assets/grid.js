// @ts-check
"use strict";
// The grid case: branches by name, and what the plan does to the grid.
(() => {
  const NAMED = 3; // branches in a sentence
  const LEAST_MW = 0.05; // what the figures show
  const { node, text } = siteopt;
  let bus = null;
  let branch = null;
  let branchRows = new Map();

  siteopt.readGrid = (grid) => {
    if (!grid) return;
    ({ bus, branch } = grid);
    for (const name of ["kv", "lon", "lat"]) bus[name] = siteopt.column(bus[name]);
    for (const name of ["from", "to", "kv", "circuit"]) branch[name] = siteopt.column(branch[name]);
    for (const flow of grid.flows) flow.price = siteopt.column(flow.price);
    branchRows = new Map(branch.id.map((id, row) => [id, row]));
  };
  siteopt.busName = (row) => siteopt.one([bus.ko[row], bus.en[row]]);

  // 영광–광주전남 345 kV; with the number of its circuit where there are several between the same two buses.
  const branchName = (id) => {
    const row = branchRows.get(id);
    if (row === undefined) return id;
    const name = `${siteopt.busName(branch.from[row])}–${siteopt.busName(branch.to[row])} ${branch.kv[row]}\u00a0kV`;
    return branch.circuit[row] ? text("grid.circuit", { branch: name, n: branch.circuit[row] }) : name;
  };
  siteopt.limitName = ([id, outage]) =>
    outage ? text("grid.outage", { branch: branchName(id), outage: branchName(outage) }) : branchName(id);
  siteopt.snapshotName = (id) => {
    const { snapshots } = siteopt.data.grid;
    return id in snapshots ? siteopt.one(snapshots[id]) : id;
  };

  // A flow limit by its snapshot and binding branches.
  siteopt.flowName = ({ snapshot, branches, more }) =>
    `${siteopt.snapshotName(snapshot)}: ${branches ? siteopt.limitNames(branches, more) : text("grid.units")}`;

  siteopt.gridPage = () => {
    const { grid } = siteopt.data;
    if (!grid || !grid.account) return node("div", {}, node("p", {}, text("grid.off")));
    return node("div", {}, node("p", { class: "hint model-note" }, text(grid.own ? "grid.model_own" : "grid.model")),
      node("p", { class: "hint" }, text(grid.security === "none" ? "grid.security_none" : "grid.security_outage")),
      account(grid.account), further(grid.further));
  };

  const mw = (value) => siteopt.number(Math.abs(value) < LEAST_MW ? 0 : value);
  const account = (rows) => {
    const head = ["grid.snapshot", "grid.cost", "grid.curtailed"].map((key) => node("th", { scope: "col" }, text(key)));
    const change = (before, after) => [node("b", {}, `${after - before >= 0 ? "+" : ""}${siteopt.unitMoney(after - before)}`),
      node("small", {}, `${siteopt.unitMoney(before)} → ${siteopt.unitMoney(after)}`)];
    const line = (row) => node("tr", {}, node("th", { scope: "row" }, siteopt.snapshotName(row.snapshot_id), node("small", {}, text("grid.demand", { mw: mw(row.demand_mw) }))),
      node("td", {}, change(row.cost_before_bn_krw_h, row.cost_after_bn_krw_h)),
      node("td", {}, `${mw(row.curtailed_before_mw)} → ${mw(row.curtailed_after_mw)}`));
    const strained = rows.filter((row) => row.overloads.length).map((row) =>
      node("p", { class: "hint" }, text("grid.overloads", { snapshot: siteopt.snapshotName(row.snapshot_id), branches: row.overloads.map(branchName).join(", ") })));
    return [node("h3", {}, text("grid.account")), node("p", { class: "hint" }, text("grid.account_hint", { mw: mw(rows.length ? rows[0].load_mw : 0) })),
      node("table", { class: "limits account" }, node("thead", {}, node("tr", {}, head)), node("tbody", {}, rows.map(line))), strained];
  };

  // Provinces by what stops a further MW, the tightest first.
  const further = (rows) => {
    const known = rows.filter((row) => row.mw !== null);
    const groups = new Map();
    for (const row of rows) {
      const key = row.mw === null ? null : `${row.snapshot} ${row.limits.slice(0, NAMED).join(" ")}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    }
    const line = (row) => node("tr", { title: row.limits.length > NAMED ? row.limits.map(siteopt.limitName).join(", ") : null },
      node("th", { scope: "row" }, siteopt.provinceName(row.province)), node("td", {}, row.mw === null ? text("grid.no_bus") : siteopt.number(row.mw)));
    return [node("h3", {}, text("grid.further")), known.length ? node("p", {}, stopText(known[0])) : null,
      node("p", { class: "hint" }, text("grid.further_hint")),
      node("table", { class: "limits further" }, node("thead", {}, node("tr", {}, node("th", { scope: "col" }, text("grid.province")), node("th", { scope: "col" }, text("grid.further_mw")))),
        [...groups.values()].map((group) => node("tbody", {}, groupHead(group), group.map(line))))];
  };
  const groupHead = (group) => {
    const [{ mw: room, limits, snapshot }] = group;
    if (room === null) return null;
    const named = limits.slice(0, NAMED).map(siteopt.limitName).join(", ");
    const heading = !limits.length ? text("grid.units") : group.some((row) => row.limits.length > NAMED) ? text("grid.and_others", { branches: named }) : named;
    return node("tr", { class: "group" }, node("th", { colspan: 2, scope: "rowgroup" }, `${heading} (${siteopt.snapshotName(snapshot)})`));
  };
  // "These 3 branches stop a further MW in Jeonnam."
  const stopText = (row) => {
    const values = { province: siteopt.provinceName(row.province), mw: siteopt.number(row.mw), snapshot: siteopt.snapshotName(row.snapshot) };
    if (!row.limits.length) return text("grid.stop_units", values);
    const named = row.limits.slice(0, NAMED);
    return text(named.length < row.limits.length ? "grid.stop_more" : "grid.stop", { ...values, n: named.length, all: row.limits.length, branches: named.map(siteopt.limitName).join(", ") });
  };
})();
