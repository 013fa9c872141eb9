// The page of a run: its payload as _payload.py writes it, and the members of `siteopt`.

/** A text and the values of its placeholders; see `Value` in facts.py. */
type Fact = [string, Record<string, [string, ...any[]]>];

/** What is left of the plan over all draws; see _robustness.py. */
interface Robustness {
  draws: { asked: number; solved: number; planned: number; fits_pct: number; robust_pct: number };
  /** Spread of cost by figure: best_plan and committed. */
  risk: Record<string, { mean: number; p5: number; p95: number; cvar95: number; [figure: string]: any }>;
  convergence: { draws: number; cost_standard_error_bn_krw: number; largest_change_pct: number }[];
  /** By level: id, share, interval, size, class, whether the run's plan has it. */
  places: Record<string, [string, number, number, number, number, string, boolean][]>;
  /** By figure: input, share of the variance, half interval, correlation. */
  influence: Record<string, [string, number, number, number][]>;
  inputs: number;
  titles: Record<string, Pair>;
  held: [string, string][];
  class: any;
  in_plan_pct: any;
  low_pct: any;
  high_pct: any;
  /** Row of the site, change, input, side, value, threshold, unit, share of the range, verified. */
  overturn: [number, string, string, string, number, number, string, number, boolean | null][];
  pairs: any[];
}

/** Id, titles, citation, licence, vintage, confidence, notice, replaced; publisher, licence, vintage in Korean. */
type Source = [string, string, string, string, string, string, string, string, boolean, string | null, string | null, string | null, Received?];
/** Of a layer that was fetched: terms in Korean and English, address, time, size, hash. */
type Received = [string, string, string, string, string, string];
/** Settings, parameters and what they move; see _assumptions.py. */
interface Assumptions {
  /** Key, titles, value. */
  settings: [string, string, string, any][];
  /** Group, key, titles, value, range, unit, source, confidence, input of the draws, why it is held. */
  parameters: [string, string, string, string, number, number | null, number | null, string, string, string, string | null, string | null][];
  effects: Record<string, { cost?: number; choice?: number; threshold?: [string, string, number, number, string, number] }> | null;
}
/** Scores by criterion, whole once they are read; see _suitability.py. */
interface Suitability {
  weights: Record<string, number>;
  given: boolean;
  counts: boolean;
  scores: Record<string, any>;
}

interface Sites {
  site_id: string[];
  name_ko: string[];
  name_en: string[];
  lat: number[];
  lon: number[];
  province_code: string[];
  district_code: string[];
  rank: Column<number>;
  rank_low: number[];
  rank_high: number[];
  tied: number[];
  proof: string[];
  value: Column<number>;
  regret: Column<number>;
  lower: Column<number>;
  upper: Column<number>;
  it_mw: number[];
  it_max_mw: number[];
  facility_mw: number[];
  eligible_ha: number[];
  voltage_kv: number[];
  cost_bn_krw: Column<number>;
  bn_krw_per_mw: number[];
  station_id: string[];
  [column: string]: any[];
}
/** A limit of the plan: the fields of its key that are set (see limit_key.py), and its usage. */
interface Limit {
  /** Its name in files. */
  limit: string;
  family: string;
  scope?: "station" | "area" | "province" | "group" | "basin" | "site" | "grid" | "year";
  /** Of a group of provinces: what it is called. */
  name?: Pair;
  subject?: string;
  voltage_kv?: number;
  year?: number | null;
  snapshot?: string;
  branches?: BranchLimit[];
  more?: number;
  used: number;
  at_least: number | null;
  at_most: number | null;
  unit: string;
  room?: "full" | "short" | null;
}
/** A branch, and the one that is out (empty: none). */
type BranchLimit = [string, string];
interface Flow {
  limits: BranchLimit[];
  more: number;
  price: Column<number>;
}
interface GridCase {
  own: boolean;
  security: string;
  snapshots: Record<string, Pair>;
  bus: { id: string[]; ko: string[]; en: string[]; kv: number[]; lon: number[]; lat: number[] };
  branch: { id: string[]; from: number[]; to: number[]; kv: number[]; circuit: number[] };
  account: (Record<string, any> & { snapshot_id: string; overloads: string[] })[] | null;
  further: { province: string; mw: number | null; snapshot: string; limits: BranchLimit[]; more?: number }[];
  flows: Flow[];
  hosting: { snapshots: Record<string, any>; limits: BranchLimit[] } | null;
}
/** Percent of the load, and tCO2 a year. */
interface CleanScores {
  hourly_pct: number;
  annual_pct: number;
  excess_pct: number;
  import_pct: number;
  tco2: number;
}
/** A share on the cost curve: percent, KRW/kWh, GW, GWh, kt CO2 a year. */
interface CurvePoint {
  target: number;
  reached: number;
  program: number;
  replay: number;
  krw: number;
  contracts: number;
  grid: number;
  storage: number;
  other: number;
  solar: number;
  onshore_wind: number;
  offshore_wind: number;
  storage_gwh: number;
  kt: number;
}
/** A figure and the ends of its range. */
type Spread = [value: number, low: number, high: number];
/** What each clean share costs; see _energy_curve.py. */
interface CleanCurve {
  target: number;
  reachable: Spread;
  krw: Spread;
  last_from: number;
  last_to: number;
  last: Spread | null;
  last_clean: Spread | null;
  used_up: { technology: string | null; kind: string; mw: number | null }[];
  hourly: CurvePoint[];
  annual: CurvePoint[];
  bars: { target: number; at: number; krw: number; low: number; high: number }[];
  scarce: { technology: string; needed: number; runs: number; usable: number }[];
}
/** Clean energy of the plan; see _energy.py. */
interface CleanEnergy {
  year: number;
  matching: "annual" | "hourly";
  asked_pct: number;
  works_begin: number;
  load_mw: number;
  krw_kwh: number;
  parts: [string, number][];
  program: CleanScores;
  replay: CleanScores;
  stock: { technology: string; status: string; mw: number; usable_mw: number; contracted_mw: number; used_up: boolean; as_of: string | null }[];
  mainland: boolean;
  limits: { technology: string; managed: boolean; mw: number }[];
  storage_mw: number;
  storage_mwh: number;
  week: { from: [number, number]; to: [number, number]; from_hour: number; pct: number; used: number[]; clean: number[]; other: number[] };
  day: { days: number; available: number[]; before: number[]; after: number[]; before_gwh: number; after_gwh: number } | null;
  /** Of a further kWh, in the order of the buses. */
  price: Column<number> | null;
  curve: CleanCurve | null;
}
interface YearRecord {
  year: number;
  it_mw: number;
  target_it_mw: number;
  capital_bn_krw: number;
  opens: string[];
  grows: string[];
  provinces: { province_code: string; it_mw: number }[];
}
interface Criterion {
  name: string;
  criterion: string;
  unit: string;
  title: Pair;
  confidence: string | null;
  confidence_of: string | null;
  shown_in: Language[];
  values: Column<any>;
}
/** Names and areas of places; see _place_index.py. */
interface Places {
  tile_m: number | null;
  rules: string[];
  gazetteer: {
    names: string;
    districts: [string, number][];
    points: [string, string];
    cells: { borders: string; order: string; fresh: string; n_rows: number; n_cols: number; cell_m: number; x_min_m: number; y_max_m: number };
  } | null;
  complexes: string;
  /** Name, kind, key, lon, lat, note, verdict of the places that the scenario names. */
  named: [Pair, string, string | number, number, number, string, Fact][];
}
/** A place that can be found by name. */
interface NamedPlace {
  kind: string;
  key: string | number;
  name: Pair;
  path: string[];
  lon: number;
  lat: number;
}
interface Payload {
  texts: Record<string, Pair>;
  scenario: { name: string; title: Pair; it_mw: number; year: number; [key: string]: any };
  /** Version of the program and hash of the inputs; see made.py. */
  made: { version: string; hash: string };
  plan: { status: string; objective: number; bound: number; gap: number; solver_gap: number; unit: string; cost_bn_krw: number; solver: string; chosen: string[]; land_km2: number; eligible_km2: number; limits: Limit[] };
  verdicts: { facts: Fact[]; columns: Record<string, any>; [column: string]: any };
  years: { each: YearRecord[]; steps: Record<string, [number, boolean, number, number][]> } | null;
  /** The first district of each area that shares a published headroom, by the id of the area. */
  areas: Record<string, string>;
  components: string[];
  same: Pair;
  prices: Record<string, Column<number>>;
  sites: Sites;
  sites_count: number;
  costs: Column<number>[];
  connections: Record<number, [string, string[]]>;
  campuses?: Record<number, string>;
  criteria: Criterion[];
  names: Record<string, Record<string, Pair>>;
  works: Record<string, Pair>;
  grid: GridCase | null;
  energy: CleanEnergy | null;
  robustness: Robustness | null;
  impact: any;
  further: any;
  assumptions: Assumptions;
  suitability: Suitability | null;
  reasons: { title: Pair; rule: Pair; area_km2: number; only_km2: number; step?: 1 | 2 }[];
  /** What land was judged by for want of layers, or with finer ones, and how to get those. */
  land_basis: { sentences: Pair[]; commands: { command: string; brings: Pair }[] };
  land: LandPicture & { left_m: number; top_m: number; pixel_m: number; skip: [number, number]; shape: [number, number] };
  cells: any;
  places: Places;
  base: BaseMap;
  sources: Source[];
  /** Sentences about layers that may not be passed on freely, in Korean and in English. */
  restrictions: [string[], string[]];
}
interface Band {
  last?: number;
  colour: string;
  rim: string;
  radius: number;
  nearer: number;
  shape?: string;
}
interface Siteopt extends PageBase {
  data: Payload;
  rows: Map<string, number>;
  isChosen: Set<number>;
  basins: Map<string, Pair>;
  districts: Map<string, Pair>;
  each: YearRecord[] | null;
  bands: Band[];
  markers: L.Marker[];
  rings: L.LayerGroup;
  drawnSites: number;
  chosenColour: string;
  stretchStyle: Record<string, L.PolylineOptions>;
  busSizes: { mw: number; radius: number }[];
  busColours: { hosting: string; held: string };
  [name: string]: any;
}
