"""Answer on a place: what is there, which conditions it meets, the candidates near it, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from siteopt.report._names import Names
from siteopt.report.facts import Fact, say
from siteopt.report.places.coordinates import in_metres, minutes_text
from siteopt.report.texts import texts
from siteopt.sites.tile_ids import TILE_UNIT_M, tile_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from siteopt.report.facts import Value
    from siteopt.report.places.index import Place
    from siteopt.report.places.tables import Complex, PlaceTables, Rule
    from siteopt.report.texts import Language
    from siteopt.report.verdict import Verdicts

__all__ = ["AREA_KINDS", "PlaceAnswer", "Section", "answer_area", "answer_place", "answer_point"]

AREA_KINDS: Final = ("province", "district", "area")
"""Kinds of places that are areas; the others are points."""
_SITES: Final = 3
"""Candidates that are told beside a point."""
_COMPLEXES: Final = 2
"""Industrial complexes likewise."""
_KM: Final = 1000.0
_KM2: Final = 1e6
_PCT: Final = 100.0
_LEAST_PCT: Final = 0.05
"""Of an area: smaller shares would be shown as 0."""
_DEGREES: Final = 5
_PROVINCE_DIGITS: Final = 2


@dataclass(frozen=True)
class Section:
    """Lines of an answer under a head; the first section has none."""

    head: Fact | None
    lines: tuple[Fact, ...]


@dataclass(frozen=True)
class PlaceAnswer:
    """What is to be said of a place.

    Attributes
    ----------
    name : tuple of str
        In Korean and English; coordinates for a point without a name.
    kind : str
        A kind of `Place`, or ``point``.
    key : str
        Code or id of the place; empty for a point.
    lon, lat : float
        The point, degrees.
    head : Fact
        Whether it is eligible; of an area how much of it is.
    sections : tuple of Section
        The rest, in order.
    figures : dict of str to (float, str, bool or None)
        ``eligible`` (None for an area or off land), ``failed`` (reasons that exclude the point),
        ``area_km2``, ``eligible_km2``, ``eligible_pct``, ``candidates``, ``chosen`` (of an area),
        ``site_id``, ``site_km``, ``site_state``, ``site_class``, ``rival_id``,
        ``gap_bn_krw_per_mw`` (against the rival), ``more_cost_bn_krw``, ``more_cost_kind``,
        ``complex_id``, ``complex_km``, ``province_code``, ``district_code``, ``area_name_ko``.
    note : str
        The user's own, of a list of places.
    names : Names
        What ids in the facts are called.
    """

    name: tuple[str, str]
    kind: str
    key: str
    lon: float
    lat: float
    head: Fact
    sections: tuple[Section, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    names: Names = field(default_factory=Names, repr=False, compare=False)

    def verdict(self, language: Language) -> str:
        """Return in one sentence whether it is eligible, or how much of it is."""
        return say(self.head, language, self.names)

    def said(self, language: Language) -> list[tuple[str, list[str]]]:
        """Return the sections in words: each its head (empty where it has none) and its lines."""
        return [
            (
                "" if section.head is None else say(section.head, language, self.names),
                [say(line, language, self.names) for line in section.lines],
            )
            for section in self.sections
        ]

    def lines(self, language: Language) -> list[str]:
        """Return all of it in words, one line a fact, heads among them."""
        found = [self.verdict(language)]
        for head, lines in self.said(language):
            found += [*([head] if head else []), *lines]
        return found


def answer_place(place: Place, tables: PlaceTables) -> PlaceAnswer:
    """Return the answer on a named place: on its area where it is one, else on its point.

    Parameters
    ----------
    place : Place
        Of `PlaceTables.index`.
    tables : PlaceTables
        Of the run.
    """
    if place.kind in AREA_KINDS:
        found = answer_area(place, tables)
        if found is not None:
            return found
    site = place.key if place.kind in {"site", "complex"} else None
    return answer_point(
        place.lon, place.lat, tables, name=place.name, kind=place.kind, key=place.key, site=site
    )


def answer_point(  # noqa: PLR0913 - a point, and what is known of it
    lon: float,
    lat: float,
    tables: PlaceTables,
    *,
    name: tuple[str, str] | None = None,
    kind: str = "point",
    key: str = "",
    site: str | None = None,
    own: Mapping[str, Fact] | None = None,
) -> PlaceAnswer:
    """Return the answer on a point.

    Parameters
    ----------
    lon, lat : float
        Degrees.
    tables : PlaceTables
        Of the run.
    name, kind, key : str
        What is known of the place; coordinates are its name where nothing is.
    site : str, optional
        The candidate that it is, where it is one.
    own : mapping of str to Fact, optional
        The cell's own figure by id of the exclusion, where it is known.
    """
    x_m, y_m = in_metres(lon, lat)
    code = tables.code_at(x_m, y_m)
    coordinates = f"{lon:.5f}, {lat:.5f}"
    failed = [rule for bit, rule in enumerate(tables.rules) if (code or 0) >> bit & 1]
    where, figures = _where(x_m, y_m, tables)
    passed = sum(rule not in failed and not _unjudged(rule, failed) for rule in tables.rules)
    counts: dict[str, Value] = {
        "n": ("n", len(tables.rules), 0), "k": ("n", passed, 0), "m": ("n", len(failed), 0),
    }  # fmt: skip
    sections = [
        Section(Fact("place.gates", counts), tuple(_gates(code, tables.rules, failed, own or {}))),
        Section(Fact("place.where_head"), (*where, _coordinates(lon, lat, x_m, y_m))),
    ]
    figures |= {
        "eligible": None if code is None or (code and not failed) else not failed,
        "failed": tuple(rule.id for rule in failed),
    }
    if code is not None:
        near, told = _near(x_m, y_m, tables, site)
        sections += near
        figures |= told
    return PlaceAnswer(
        name or (coordinates, coordinates), kind, key, lon, lat, _land(code, failed),
        tuple(section for section in sections if section.lines), figures,
        names=tables.names,
    )  # fmt: skip


def answer_area(place: Place, tables: PlaceTables) -> PlaceAnswer | None:
    """Return the answer on a province, district, eup, myeon or dong; None where it has no cell.

    Parameters
    ----------
    place : Place
        Of one of `AREA_KINDS`.
    tables : PlaceTables
        Of the run.
    """
    import numpy as np  # noqa: PLC0415 - a point needs no arrays

    cells = tables.cell_areas
    numbers = np.asarray(tables.areas_of(place.kind, place.key), dtype=np.int64) + 1
    if cells is None or not len(numbers):
        return None
    wanted = np.zeros(int(cells.max(initial=0)) + 2, dtype=np.bool_)
    wanted[numbers[numbers < len(wanted)]] = True
    codes = tables.codes[wanted[cells]]
    if not len(codes):
        return None
    cell_km2 = tables.lattice.cell_m**2 / _KM2
    whole, eligible = len(codes), int((codes == 0).sum())
    pct = eligible / whole * _PCT
    shares = _shares(codes, tables.rules)
    sites = tables.sites_in(place.kind, place.key)
    chosen = {row["site_id"] for row in tables.verdicts.chosen} & set(sites)
    head = Fact(
        "place.area",
        {
            "km2": ("n", whole * cell_km2, 1), "eligible": ("n", eligible * cell_km2, 1),
            "pct": ("n", pct, 1),
        },
    )  # fmt: skip
    figures: dict[str, Any] = {
        "eligible": None, "failed": (), "area_km2": whole * cell_km2,
        "eligible_km2": eligible * cell_km2, "eligible_pct": pct, "candidates": len(sites),
        "chosen": len(chosen),
    }  # fmt: skip
    counts: dict[str, Value] = {"n": ("n", len(sites), 0), "m": ("n", len(chosen), 0)}
    sections = [
        Section(Fact("place.shares") if shares else None, tuple(shares)),
        Section(Fact("place.candidates_head"), (Fact("place.candidates", counts),)),
    ]
    if sites:
        sections += _of_site(sites[0], tables)
        figures |= _site_figures(sites[0], tables)
    return PlaceAnswer(
        place.name, place.kind, place.key, place.lon, place.lat, head,
        tuple(section for section in sections if section.lines), figures,
        names=tables.names,
    )  # fmt: skip


def _shares(codes: Any, rules: Sequence[Rule]) -> list[Fact]:  # noqa: ANN401 - an array of masks
    """Return what each exclusion takes of an area, the largest first."""
    taken = [(float(((codes >> bit) & 1).mean()) * _PCT, bit) for bit in range(len(rules))]
    taken.sort(key=lambda one: (-one[0], one[1]))
    return [
        Fact("place.share", {"title": ("both", *rules[bit].title), "pct": ("n", pct, 1)})
        for pct, bit in taken
        if pct >= _LEAST_PCT
    ]


def _land(code: int | None, failed: Sequence[Rule]) -> Fact:
    if code is None:
        return Fact("land.here_frame")
    if failed:
        return Fact("land.here_excluded", {"n": ("n", len(failed), 0)})
    return Fact("land.here_outside" if code else "land.here_eligible")


def _gates(
    code: int | None, rules: Sequence[Rule], failed: Sequence[Rule], own: Mapping[str, Fact]
) -> Iterable[Fact]:
    """Yield each exclusion with its rule and whether the place meets it, failed ones first."""
    if code is None or (code and not failed):
        return
    for rule in failed:
        yield _gate(rule, own.get(rule.id), "place.failed")
    others = [rule for rule in rules if rule not in failed]
    for rule in others:
        if _unjudged(rule, failed):
            yield _gate(rule, None, "place.unjudged")
    for rule in others:
        if not _unjudged(rule, failed):
            yield _gate(rule, own.get(rule.id), "place.passed")


def _unjudged(rule: Rule, failed: Sequence[Rule]) -> bool:
    """Return whether exclusions of an earlier step left nothing to judge."""
    return any(one.step < rule.step for one in failed)


def _gate(rule: Rule, here: Fact | None, mark: str) -> Fact:
    values: dict[str, Value] = {"title": ("both", *rule.title)}
    said = Fact("place.titled", values)
    if rule.fact is not None:
        values["rule"] = ("of", rule.fact)
        said = Fact("rule.of", values)
        if here is not None:
            said = Fact("rule.of_here", values | {"here": ("of", here)})
    return Fact("gate.line", {"mark": ("of", Fact(mark)), "said": ("of", said)})


def _where(x_m: float, y_m: float, tables: PlaceTables) -> tuple[list[Fact], dict[str, Any]]:
    gazetteer = tables.gazetteer
    if gazetteer is None:
        return [], {}
    number = gazetteer.area_at(x_m, y_m) if math.isfinite(x_m) and math.isfinite(y_m) else None
    if number is None:
        return [Fact("place.where_none")], {}
    area = gazetteer.areas[number]
    province = area.district_code[:_PROVINCE_DIGITS]
    values: dict[str, Value] = {
        "province": ("province", province), "district": ("district", area.district_code),
        "area": ("as is", area.name),
    }  # fmt: skip
    figures = {
        "province_code": province, "district_code": area.district_code, "area_name_ko": area.name,
    }  # fmt: skip
    return [Fact("place.where", values)], figures


def _coordinates(lon: float, lat: float, x_m: float, y_m: float) -> Fact:
    metres = [f"{math.floor(one + 0.5)}" if math.isfinite(one) else "–" for one in (x_m, y_m)]
    return Fact(
        "place.coordinates",
        {
            "lon": ("n", lon, _DEGREES), "lat": ("n", lat, _DEGREES),
            "east": ("as is", minutes_text(lon)), "north": ("as is", minutes_text(lat)),
            "x": ("as is", metres[0]), "y": ("as is", metres[1]),
        },
    )  # fmt: skip


def _near(
    x_m: float, y_m: float, tables: PlaceTables, site: str | None
) -> tuple[list[Section], dict[str, Any]]:
    """Return the candidate of a point, the nearest ones and complexes, and the verdict on the first."""
    rows = tables.verdicts.rows
    by_km = sorted(
        (math.hypot(x - x_m, y - y_m) / _KM, number, one)
        for number, (one, (x, y)) in enumerate(tables.sites.items())
    )
    here = site if site in rows else _tile_at(x_m, y_m, tables)
    lines = [Fact("place.no_candidates")] if not by_km else []
    if here is not None:
        lines.append(Fact("place.here", {"site": ("site", here)}))
    elif by_km:
        lines.append(Fact("place.not_here"))
    lines += [_near_site(one, km, tables) for km, _, one in by_km[:_SITES]]
    complexes = sorted(
        (math.hypot(x - x_m, y - y_m) / _KM, number)
        for number, (x, y) in enumerate(tables.complex_metres)
    )[:_COMPLEXES]
    lines += [_near_complex(tables.complexes[number], km, tables) for km, number in complexes]
    sections = [Section(Fact("place.near_head"), tuple(lines))]
    figures: dict[str, Any] = {}
    if complexes:
        figures = {
            "complex_id": tables.complexes[complexes[0][1]].id, "complex_km": complexes[0][0],
        }  # fmt: skip
    told = here or (by_km[0][2] if by_km else None)
    if told is not None:
        sections += _of_site(told, tables)
        km = next((km for km, _, one in by_km if one == told), None)
        figures |= _site_figures(told, tables) | {"site_km": km}
    return sections, figures


def _tile_at(x_m: float, y_m: float, tables: PlaceTables) -> str | None:
    """Return the candidate of the tile that a point is in; None where there is none."""
    if tables.tile_m is None:
        return None
    west, south = (
        math.floor(math.floor(one / tables.tile_m) * tables.tile_m / TILE_UNIT_M)
        for one in (x_m, y_m)
    )
    name = tile_id(west, south)
    return name if name in tables.verdicts.rows else None


def _near_site(site: str, km: float, tables: PlaceTables) -> Fact:
    verdict = tables.verdicts.of(site)
    gap = None
    if verdict.gap is not None and verdict.rival is not None and verdict.state != "impossible":
        key = (
            "same" if not verdict.gap.is_told else "dearer" if verdict.gap.total > 0 else "cheaper"
        )
        values: dict[str, Value] = {"rival": ("site", verdict.rival)}
        if key != "same":
            values["money"] = ("money", abs(verdict.gap.total))
        gap = Fact(f"place.{key}", values)
    return Fact(
        "place.near",
        {
            "site": ("site", site), "km": ("n", km, 1),
            "state": ("of", Fact(f"state.{verdict.state}")), "gap": ("of", gap),
        },
    )  # fmt: skip


def _near_complex(one: Complex, km: float, tables: PlaceTables) -> Fact:
    rows = tables.verdicts.rows
    state = Fact("place.is_candidate") if one.id in rows else _left_out(one, tables)
    values: dict[str, Value] = {
        "name": ("both", *one.name), "km": ("n", km, 1), "state": ("of", state),
    }  # fmt: skip
    return Fact("place.complex", values)


def _left_out(one: Complex, tables: PlaceTables) -> Fact:
    if not one.excluded_by:
        return Fact("place.no_candidate")
    titles = {rule.id: rule.title for rule in tables.rules}
    why = [
        Fact("place.titled", {"title": ("text", f"excluded.{name}")})
        if f"excluded.{name}" in texts()
        else Fact("place.titled", {"title": ("both", *titles.get(name, (name, name)))})
        for name in one.excluded_by
    ]
    return Fact("place.left_out", {"reasons": ("list", ", ", why)})


def _of_site(site: str, tables: PlaceTables) -> list[Section]:
    """Return the verdict on a candidate: class, sentence, causes, and what would change it."""
    verdicts = tables.verdicts
    row, verdict = verdicts.rows[site], verdicts.of(site)
    sections = [
        Section(
            Fact("place.of_site", {"site": ("site", site)}),
            (*_class(row), verdict.sentence, *verdict.causes[verdict.state == "impossible" :]),
        )
    ]
    if verdict.changes:
        sections.append(Section(Fact("explain.changes"), tuple(verdict.changes)))
    return sections


def _class(row: Mapping[str, Any]) -> Iterable[Fact]:
    """Yield the class of a candidate; shares have one decimal first, as on the page."""
    shares = (("pct", "pct"), ("low", "low_pct"), ("high", "high_pct"))
    if row.get("class") is not None:
        yield Fact(
            "explain.certainty",
            {
                "name": ("of", Fact(f"class.{row['class']}")), **{name: ("n", round(row[f"in_plan_{column}"], 1), 0) for name, column in shares},
            },
        )  # fmt: skip


def _site_figures(site: str, tables: PlaceTables) -> dict[str, Any]:
    verdicts: Verdicts = tables.verdicts
    row, verdict = verdicts.rows[site], verdicts.of(site)
    amount = verdict.amount if verdict.figure in {"exact", "zero"} else verdict.least
    return {
        "site_id": site, "site_state": verdict.state, "site_class": row.get("class"),
        "rival_id": verdict.rival,
        "gap_bn_krw_per_mw": None if verdict.gap is None else verdict.gap.total,
        f"more_cost_{verdicts.unit}": amount, "more_cost_kind": verdict.figure,
    }  # fmt: skip
