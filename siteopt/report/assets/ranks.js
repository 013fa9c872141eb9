// @ts-check
"use strict";
// The rank of a site in words: exact, or the range of ranks that is proven (`siteopt.ranks`).
(() => {
  const { text } = siteopt;
  const isRanked = (row) => siteopt.data.sites.rank[row] !== null && !siteopt.isImpossible(row);
  const range = (row) => [siteopt.data.sites.rank_low[row], siteopt.data.sites.rank_high[row]];
  // Whether all that is known of a rank is a range.
  siteopt.isRange = (row) => isRanked(row) && range(row)[0] !== range(row)[1];

  siteopt.rankText = (row) => {
    const { rank, tied, proof } = siteopt.data.sites;
    if (siteopt.isImpossible(row)) return text("site.value_impossible");
    if (!isRanked(row)) return text("site.rank_none");
    const [low, high] = range(row).map((one) => siteopt.number(one));
    if (siteopt.isRange(row)) return text(proof[row] === "bounded" ? "site.rank_bounded" : "site.rank_open", { low, high });
    return text(tied[row] > 1 ? "site.rank_tied" : "site.rank_n", { n: siteopt.number(rank[row]) });
  };
  // As short as a mark can be: 3, 60–4483, – for none.
  siteopt.rankMark = (row) => {
    if (!isRanked(row)) return "–";
    return siteopt.isRange(row) ? range(row).join("–") : String(siteopt.data.sites.rank[row]);
  };
  siteopt.rankHint = (row) => {
    const { tied } = siteopt.data.sites;
    if (!isRanked(row)) return null;
    if (siteopt.isRange(row)) return [text("site.rank_between_hint"), sameBound(row)].filter(Boolean).join(" ");
    return tied[row] > 1 ? text("site.rank_tied_hint", { n: tied[row] }) : null;
  };
  const sameBound = (row) => {
    const { lower, proof } = siteopt.data.sites;
    if (proof[row] !== "bounded") return null;
    const n = lower.filter((one, other) => one === lower[row] && proof[other] === "bounded" && siteopt.isChosen.has(other) === siteopt.isChosen.has(row)).length;
    return n > 1 ? text("site.rank_same_hint", { n: siteopt.number(n) }) : null;
  };
  // The first place in the order whose rank is not proven, null where all are.
  siteopt.firstRange = () => {
    const row = siteopt.data.sites.rank.findIndex((rank, one) => siteopt.isRange(one));
    return row < 0 ? null : siteopt.data.sites.rank[row];
  };
})();
