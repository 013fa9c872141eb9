// The map of a comparison: its payload as comparison/map.py writes it, and the members of `siteopt`.

type Change = "both" | "entered" | "left" | "resized" | "rescheduled" | "reconnected";
/** An input: its kind (layer, scenario, code ...) and its name. */
type Input = [string, string];
/** Before and after. */
type Both<T> = [T, T];
interface Cause {
  cause: Input[];
  how: string;
}
interface Side extends Cause {
  id: string;
  name: Pair;
  province: string | null;
  lat: number;
  lon: number;
  change: Change;
  sure: boolean;
  it_mw: Both<number | null>;
  kv: Both<number | null>;
  rank: Both<string | null>;
  open_year: Both<number | null>;
  routes: Both<string[]>;
}
interface Moved extends Cause {
  id: string;
  name: Pair;
  province: string | null;
  lat: number;
  lon: number;
  chosen: boolean;
  rank: Both<number>;
}
interface ComparisonPayload {
  texts: Record<string, Pair>;
  scenario: Pair;
  sides: Both<Pair>;
  same: boolean;
  unit: string;
  figures: { objective: Both<number>; objective_sure: boolean; chosen: Both<number>; eligible_km2: Both<number> };
  sites: { list: Side[]; lat: number[]; lon: number[] };
  ranks: { list: Moved[]; lat: number[]; lon: number[] };
  causes: (Cause & { change: string; subject: string })[];
  costs: { input: Input; difference: number; low: number; high: number; unit: string }[];
  cost_method: string;
  runs_made: number;
  provinces: { name_ko: string; name_en: string; km2_before: number; km2_after: number }[];
  reasons: { title_ko: string; title_en: string; km2_before: number; km2_after: number }[];
  inputs: { input: Input; description: Pair; matters: boolean }[];
  rows: any[];
  rows_count: number;
  titles: Record<string, Pair>;
  keys: Record<string, Pair>;
  notes: string[];
  land: (LandPicture & { png: string }) | null;
  base: BaseMap;
}
interface ComparisonSiteopt extends PageBase {
  data: ComparisonPayload;
  count: number;
  goTo(place: { lat: number; lon: number }): void;
  mark(site: Side): HTMLElement;
  moved(rank: Both<string | number | null>): string;
  pairCard(site: Side): HTMLElement;
  writeFigures(): void;
}
declare const siteopt: ComparisonSiteopt;
