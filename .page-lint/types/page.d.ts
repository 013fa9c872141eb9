// What both pages share: the payload's common parts, and the elements of their frames.

type Language = "ko" | "en";
/** Korean and English. */
type Pair = [string, string];
/** A column of the sites: packed as `compact` in _compact.py leaves it, whole once it is read. */
type Column<T> = (T | null)[];
/** A colour of an image: red, green, blue, opacity, each of 255. */
type Rgba = [number, number, number, number];
type Child = Node | string | number | null | undefined | false | Child[];

interface NamedPlaces {
  code: string[];
  ko: string[];
  en: string[];
  lat: number[];
  lon: number[];
}
interface BaseMap {
  land?: string[][];
  coast: string[];
  province_borders: string[];
  borders?: string[];
  rivers?: { path: string[][]; km2: number[] };
  expressways?: string[];
  lines?: Record<string, string[]>;
  stations?: { id: string[]; ko: string[]; en: string[]; lat: number[]; lon: number[]; kv: number[]; kind: string[]; named: string[] };
  provinces?: NamedPlaces;
  districts?: NamedPlaces;
}
interface LandPicture {
  bounds: L.LatLngBoundsExpression;
  /** Of each pixel value the bits of the reasons; -1 outside. */
  combinations: number[];
}
/** A group whose members are on the map where it is near; see `nearLayer`. */
type NearGroup = L.LayerGroup & { inner: L.LayerGroup };
/** Layers of the map by name, those that the run has. */
type Layers = Record<string, any>;

/** Members of `siteopt` that both pages have. */
interface PageBase {
  language: Language;
  map: L.Map;
  firstZoom: number;
  bounds: L.LatLngBounds;
  lineRenderer: L.Canvas;
  pointRenderer: L.Canvas;
  colours: { eligible: Rgba; excluded: Rgba; river: string };
  cells: { values: Uint16Array; width: number; height: number };
  chosen: number[];
  provinces: Map<string, Pair>;
  stations: Map<string, number>;
  start(map: L.Map): void;
  open(row: number, fly?: boolean): void;
  writePanel(): void;
  text(key: string, values?: Record<string, any>): string;
  word(head: string, word: unknown): string;
  one(pair: (string | null | undefined)[]): string;
  number(value: number | null | undefined, digits?: number): string;
  fixed(value: number, digits: number): string;
  figure(value: unknown): string;
  percent(share: number): string;
  money(bn: number | null | undefined): string;
  node<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Record<string, any>, ...children: Child[]): HTMLElementTagNameMap[K];
  path(signs: string): [number, number][];
  provinceName(code: string | null | undefined): string;
  stationName(id: string | null | undefined): string;
  base(map: L.Map): Layers;
  lineStyle(kv: string | number): [string, number];
  labels(map: L.Map): L.LayerGroup & { write(): void };
  begin(map: L.Map): Promise<void>;
  inflated(packed: string): Promise<Uint8Array<ArrayBuffer>>;
  unpackLater(columns: any, names?: string[]): void;
  writeAllPages(): void;
  writeRest(): Promise<void>;
  landLayer(wanted: (mask: number) => boolean, colour: Rgba): L.ImageOverlay;
  writeTabs(names: string[], makers: Record<string, () => Node>): void;
  showTab(name: string, focused?: boolean): void;
  hasTab(name: string): boolean;
  writePage(name: string): void;
  writeFrame(): void;
  swatch(style: string, kind?: string): HTMLElement;
  legendRow(layer: any, mark: Node, key: string): HTMLElement | null;
  toggleMenu(): void;
  fitCountry(): void;
  paper(printing: boolean): void;
}

// Elements of frame.html, and those that the scripts make and look up.
interface Document {
  getElementById(id: "legend"): HTMLDetailsElement;
  getElementById(id: "years"): HTMLFieldSetElement;
  getElementById(id: "siteopt-data" | "unreadable" | "title" | "figures" | "menu" | "print" | "language" | "panel" | "tabs" | "pages" | "legend-rows" | "link-note" | "sides"): HTMLElement;
  getElementById(id: `${"tab" | "page"}-${string}`): HTMLElement;
}
interface ParentNode {
  querySelectorAll(selectors: "button.site" | ".show-plan"): NodeListOf<HTMLButtonElement>;
  querySelectorAll(selectors: "[data-text]" | "[data-hint]"): NodeListOf<HTMLElement & { dataset: { text: string; hint: string } }>;
  querySelectorAll(selectors: "[data-name]"): NodeListOf<HTMLElement & { dataset: { name: string } }>;
  querySelectorAll(selectors: ".own-words:not([open])"): NodeListOf<HTMLDetailsElement>;
}
