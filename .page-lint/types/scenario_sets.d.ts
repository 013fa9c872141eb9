// The map of a scenario set: its payload as scenario_sets/map.py writes it, and the members of `siteopt`.

type Level = "site" | "station" | "district" | "province";
interface SetSite {
  id: string;
  name: Pair;
  province: string;
  lat: number;
  lon: number;
  plans: number;
  /** IT load in MW by plan, of those that have the site. */
  it_mw: Record<string, number>;
}
interface SetPayload {
  texts: Record<string, Pair>;
  title: Pair;
  equal: boolean;
  solved: number;
  solved_ids: string[];
  finest: Level | "";
  proofs: Record<string, { status: string; value_bn_krw: number | null; bound_bn_krw: number | null }>;
  plans: { id: string; title: Pair }[];
  variants: { id: string; title: Pair; probability: number; sets: string; status: string; cost: number | null; note: string }[];
  agreement: { level: Level; name: Pair; no_regret: boolean; it_mw_least: number }[];
  regret: { plan: string; expected: number | null; max: number | null; worst: string; breaks: string[]; each: Record<string, number | null> }[];
  sites: { list: SetSite[]; lat: number[]; lon: number[] };
  base: BaseMap;
}
interface SetSiteopt extends PageBase {
  data: SetPayload;
  count: number;
  unitMoney(bn: number, signed?: boolean): string;
  mark(site: SetSite): HTMLElement;
  inPlans(site: SetSite): string;
  loadCard(site: SetSite): HTMLElement;
  showPlan(name: string): void;
  writeFigures(): void;
}
declare const siteopt: SetSiteopt;
