"""Why a site is in the answer or not, in words: its gates, its cost, and what would have to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.electricity_price import PRICE_PARTS
from siteopt.report._same import same_texts
from siteopt.report.impact import impact_line
from siteopt.report.texts import money, text, texts
from siteopt.report.works import works_words
from siteopt.runs import named_branches, phases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.report.texts import Language

__all__ = ["explain_cell", "explain_left_out", "explain_site"]

_ROUNDING: Final = 1e-3
"""MW: prices in the files are rounded."""
_KWH_PER_MWH: Final = 1000.0
_BN: Final = 1e9


def explain_site(
    site: pd.Series[Any], plan: dict[str, Any], record: dict[str, Any], language: Language = "en"
) -> str:
    """Return why a site is in the answer, or why not.

    Parameters
    ----------
    site : Series
        Its row of ``ranking.csv``.
    plan : dict
        ``portfolio.json``.
    record : dict
        ``run.json``.
    language : {'en', 'ko'}
        English or Korean.
    """
    lines = _in_english(site, plan) if language == "en" else _in_korean(site)
    if language == "ko":
        lines += _connection_in_korean(site)
    lines += [*_gates(site, plan, record, language), *_components(site, plan, language)]
    lines += _electricity(site, record, language)
    return "\n".join([*lines, *_changes(site, language)])


def explain_cell(
    code: int,
    record: dict[str, Any],
    language: Language = "en",
    nearest: tuple[str, float] | None = None,
) -> str:
    """Return the reasons against a cell of ``eligibility.tif``, as the map tells them.

    Parameters
    ----------
    code : int
        Its value.
    record : dict
        ``run.json``.
    language : {'en', 'ko'}
        English or Korean.
    nearest : tuple of str and float, optional
        The nearest candidate site and its distance in km, for a cell that is eligible.
    """
    against = [item for bit, item in enumerate(record["screening"]) if code >> bit & 1]
    if against:
        both = "{title_en} ({title_ko})" if language == "en" else "{title_ko}"
        count = text("land.here_excluded", language).format(n=len(against))
        return f"{count} {'; '.join(both.format_map(item) for item in against)}"
    if code:
        return text("land.here_outside", language)
    said = text("land.here_eligible", language)
    if nearest is None:
        return said
    site, km = nearest
    return f"{said} {text('explain.nearest', language).format(site=site, km=f'{km:.1f}')}"


def explain_left_out(
    place: pd.Series[Any], record: dict[str, Any], language: Language = "en"
) -> str:
    """Return why an industrial complex is no candidate.

    Parameters
    ----------
    place : Series
        Its row of ``complexes.csv``.
    record : dict
        ``run.json``.
    language : {'en', 'ko'}
        English or Korean.
    """
    titles = {item["reason"]: item[f"title_{language}"] for item in record.get("screening", [])}
    reasons = []
    for name in str(place["excluded_by"]).split(";"):
        known = texts().get(f"excluded.{name}")
        reasons.append(known[language] if known else titles.get(name, name))
    return text("explain.left_out", language).format(
        name=place[f"name_{language}"], id=place["complex_id"], reasons="; ".join(reasons),
        ha=f"{place['eligible_ha']:,.1f}", rule=text(f"area.{place['area_rule']}", language),
    )  # fmt: skip


def _rank(site: pd.Series[Any], language: Language) -> str | None:
    """Return the rank of a site in words, and whether it may still change."""
    if pd.isna(site.get("rank")):
        return None
    proven = site.get("rank_proven", default=True)  # older runs do not say
    low, high = site.get("rank_low"), site.get("rank_high")
    if low is not None and pd.notna(low) and low != high:
        between = text("explain.rank_between", language)
        return between.format(low=f"{low:.0f}", high=f"{high:.0f}")
    key = "explain.rank" if proven else "explain.rank_provisional"
    return text(key, language).format(n=f"{site['rank']:.0f}")


def _in_korean(site: pd.Series[Any]) -> list[str]:
    """Return name and place of a site in the answer."""
    lines = [f"{site['name_ko']} ({site['site_id']})"]
    rank = _rank(site, "ko")
    for column, key in (
        ("value_bn_krw", "value"), ("regret_bn_krw", "regret"), ("lower_bn_krw", "lower"),
    ):  # fmt: skip
        if pd.notna(site.get(column)):
            told = "chosen_lower" if site["chosen"] and key == "lower" else key
            mw = f"{site['it_mw']:,.0f}" if pd.notna(site.get("it_mw")) else "–"
            amount = money(float(site[column]), "ko")
            return [*lines, text(f"explain.{told}", "ko").format(mw=mw, money=amount, rank=rank)]
    gate = site["reason"] if pd.notna(site.get("reason")) else "no_option"
    why = texts().get("why.provinces" if gate == "province" else f"why.{gate}")
    said = str(gate) if why is None else why["ko"].replace("(IT {mw} MW)", "")
    return [*lines, text("explain.impossible", "ko").format(why=said)]


def _connection_in_korean(site: pd.Series[Any]) -> Iterator[str]:
    """Yield the connection of a site with its works, second feed and years, where it has one."""
    if pd.isna(site.get("route_km")) or pd.isna(site.get("lead_time_years")):
        return
    usual, longest = site["lead_time_years"], site.get("lead_time_high_years")
    years = text("site.years", "ko").format(n=f"{usual:g}")
    if longest is not None and pd.notna(longest) and longest > usual:
        years = text("site.years_range", "ko").format(n=f"{usual:g}", most=f"{longest:g}")
        if site.get("lead_time_tight"):
            years += f"({text('site.years_tight', 'ko')})"
    name = site.get("station_name_ko")
    yield text("explain.connection", "ko").format(
        station=site["station_id"] if name is None or pd.isna(name) else name,
        kv=f"{site['voltage_kv']:g}", km=f"{site['route_km']:,.1f}",
        oh=f"{site['route_oh_km']:,.1f}", ug=f"{site['route_ug_km']:,.1f}",
        money=money(float(site["route_bn_krw"]), "ko"), years=years,
    )  # fmt: skip
    works = site.get("works")
    if works is not None and pd.notna(works) and works:
        said = text("site.works_n", "ko").format(
            works=works_words(str(works), "ko"), mw=f"{site['relief_mw']:,.0f}",
            cost=money(float(site["works_bn_krw"]), "ko"),
        )  # fmt: skip
        yield f"{text('site.works', 'ko')}: {said}"
    second = site.get("second_station_id")
    if second is not None and pd.notna(second) and second:
        cost = money(float(site["second_feed_bn_krw"]), "ko")
        named = site.get("second_station_name_ko")
        second = second if named is None or pd.isna(named) else named
        yield f"{text('site.second_feed', 'ko')}: {second}, {site['second_route_km']:,.1f} km, {cost}"


def _gates(
    site: pd.Series[Any], plan: dict[str, Any], record: dict[str, Any], language: Language
) -> Iterator[str]:
    """Yield a line a gate: passed or not, with what there is and what the smallest build needs."""
    least, year = plan.get("it_min_mw"), plan.get("year")
    if least is None:
        return
    pue = _pue(site)

    def line(key: str, *, passed: bool, **figures: object) -> str:
        told = text(f"explain.{key}", language).format(**figures)
        return f"  {text('explain.passed' if passed else 'explain.failed', language)} {told}"

    yield text("explain.gates", language)
    rules = record.get("screening", [])
    slope = site.get("slope_mean_deg")
    said = "–" if slope is None or pd.isna(slope) else f"{slope:.1f}"
    exempt = record.get("scenario", {}).get("candidates", {}).get("complex_exempt", [])
    if site.get("kind") == "complex":
        rules = [rule for rule in rules if rule.get("reason") not in exempt]
    yield line("screening", passed=True, n=len(rules), slope=said)
    yield from _kind(site, language)
    if pd.notna(site.get("it_max_mw")):
        land = float(site["it_max_mw"])
        yield line("land", passed=land >= least, mw=f"{land:,.0f}", need=f"{least:g}")
    if pd.notna(site.get("facility_max_mw")) and pd.notna(site.get("voltage_kv")):
        most = float(site["facility_max_mw"])
        yield line(
            "class", passed=most >= least * pue, kv=f"{site['voltage_kv']:g}", mw=f"{most:,.0f}"
        )
    if pd.notna(site.get("first_year")):
        first = int(site["first_year"])
        yield line("time", passed=year is None or first <= year, year=first, target=year)
    for station in _stations(site, plan):
        yield line("station", passed=station.room_mw >= least * pue,
                   station=station.name[language], kv=station.kv, mw=f"{station.room_mw:,.1f}",
                   who=text(f"confidence.{station.whose}", language),
                   used=f"{station.used_mw:,.1f}", need=f"{least * pue:,.1f}",
                   works=_with_works(station, language))  # fmt: skip
    for family, name, key in (
        ("basins", f"basin {site.get('basin_id')}", "basin"),
        ("provinces", f"share {site.get('province_code')}", "province"),
    ):
        limit = _limit(plan, family, name)
        if limit is not None and limit["at_most"] is not None:
            used, most = float(limit["used"]), float(limit["at_most"])
            room = bool(site["chosen"]) or used < most - _ROUNDING
            yield line(key, passed=room, used=f"{used:,.1f}", most=f"{most:,.1f}")


def _kind(site: pd.Series[Any], language: Language) -> Iterator[str]:
    """Yield what kind of site it is, and for a complex what bounds its land and how surely."""
    kind = site.get("kind")
    if kind is None or pd.isna(kind):  # runs of before sites had a kind
        return
    said = text(f"kind.{kind}", language)
    if kind == "complex":
        area = text("explain.area", language).format(
            ha=f"{site['eligible_ha']:,.1f}", rule=text(f"area.{site['area_rule']}", language)
        )
        sure = texts().get(f"confidence.{site['area_confidence']}", {})
        said = f"{said}; {area} ({sure.get(language, site['area_confidence'])})"
    yield f"  {text('explain.kind', language).format(kind=said)}"


def _pue(site: pd.Series[Any]) -> float:
    """Return MW of contract power a MW of IT load."""
    if pd.notna(site.get("pue")):
        return float(site["pue"])
    if pd.notna(site.get("it_mw")) and pd.notna(site.get("facility_mw")) and site["it_mw"]:
        return float(site["facility_mw"] / site["it_mw"])
    return 1.0


@dataclass(frozen=True)
class _Station:
    """A station within reach: its headroom, whose figure that is, what works bring it to."""

    name: dict[Language, str]
    kv: str
    room_mw: float
    whose: str
    most_mw: float
    used_mw: float


def _stations(site: pd.Series[Any], plan: dict[str, Any]) -> Iterator[_Station]:
    """Yield each station of a site; runs of before say less of it."""
    said = site.get("stations")
    if said is None or pd.isna(said):
        return
    for part in str(said).split("; "):
        station, kv, room, *more = part.split(" ")
        whose, most, names = [*more, *["model", room, ""][len(more) :]]
        korean, _, english = names.replace("_", " ").partition("/")
        limit = _limit(plan, "stations", f"{station} {kv} kV")
        yield _Station(
            name={"ko": korean or station, "en": english or station}, kv=kv, room_mw=float(room),
            whose=whose, most_mw=float(most),
            used_mw=0.0 if limit is None else float(limit["used"]),
        )  # fmt: skip


def _with_works(station: _Station, language: Language) -> str:
    """Return what works bring the headroom of a station to, where there are any."""
    if station.most_mw <= station.room_mw:
        return ""
    return text("explain.with_works", language).format(mw=f"{station.most_mw:,.1f}")


def _limit(plan: dict[str, Any], family: str, name: str) -> dict[str, Any] | None:
    """Return a limit of the plan in its last year, None where it has none of the name."""
    found = [
        one for one in plan.get("limits", [])
        if one["family"] == family and one["limit"] in (name, f"{name} in {plan.get('year')}")
    ]  # fmt: skip
    return found[-1] if found else None


def _components(site: pd.Series[Any], plan: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield what a MW costs more or less by component than at the chosen site it would replace."""
    other = _counterpart(site, plan)
    if other is None or pd.isna(site.get("it_mw")) or not site["it_mw"]:
        return
    names = [
        str(name) for name in site.index
        if str(name).startswith("cost_") and str(name) != "cost_bn_krw" and name in other
    ]  # fmt: skip
    parts = []
    for name in names:
        here, there = float(site[name]) / site["it_mw"], float(other[name]) / other["it_mw"]
        key = name.removeprefix("cost_").removesuffix("_bn_krw")
        title = texts().get(f"cost.{key}", {"ko": key, "en": key})[language]
        parts.append((abs(here - there), f"{title} {here:,.3f} ({here - there:+,.3f})"))
    if parts:
        told = ", ".join(said for _, said in sorted(parts, key=lambda part: -part[0]))
        yield text("explain.components", language).format(other=other["site_id"], parts=told)


def _electricity(site: pd.Series[Any], record: dict[str, Any], language: Language) -> Iterator[str]:
    """Yield what a kWh costs by its parts, and which figures are the same at all sites."""
    if pd.notna(site.get("energy_price_krw_kwh")):
        parts = ", ".join(
            f"{text(f'price.{name}', language)} {site[column]:,.1f}"
            for name in PRICE_PARTS
            if pd.notna(site.get(column := f"price_{name}_krw_kwh")) and site[column]
        )
        kwh = f"{site['energy_price_krw_kwh']:,.1f}"
        yield text("explain.price", language).format(kwh=kwh, parts=parts)
    same = same_texts(record.get("same_everywhere", []), language)
    if same:
        yield text("explain.same", language).format(parts=same)


def _counterpart(site: pd.Series[Any], plan: dict[str, Any]) -> dict[str, Any] | None:
    """Return the chosen site that leaves for a site, else the cheapest other chosen one."""
    leaves = site.get("replaces")
    left = [] if leaves is None or pd.isna(leaves) else str(leaves).split(" ")
    chosen = [one for one in plan.get("sites", []) if one["site_id"] != site["site_id"]]
    named = [one for one in chosen if one["site_id"] in left]
    pool = [one for one in named or chosen if one.get("bn_krw_per_mw") is not None]
    return min(pool, key=lambda one: (one["bn_krw_per_mw"], one["site_id"])) if pool else None


def _changes(site: pd.Series[Any], language: Language) -> Iterator[str]:
    """Yield what would have to change for a site to be chosen."""
    if bool(site["chosen"]) or pd.isna(site.get("lower_bn_krw")):
        return
    yield text("explain.changes", language)
    exact = pd.notna(site.get("regret_bn_krw"))
    cut = float(site["regret_bn_krw"] if exact else site["lower_bn_krw"])
    said = text("explain.cut" if exact else "explain.cut_least", language)
    share = ""
    if exact and pd.notna(site.get("with_cost_bn_krw")):
        kwh = _krw_kwh(site, cut)
        share = text("explain.cut_share", language).format(
            pct=f"{100 * cut / float(site['with_cost_bn_krw']):,.2f}",
            mw=f"{site['with_it_mw']:,.0f}",
            kwh="–" if kwh is None else f"{kwh:,.2f}",
        )
    yield f"  {said.format(money=money(cut, language))}{share}"
    proof = site.get("headroom_proof")
    if proof is not None and pd.notna(proof):
        more, least = site.get("headroom_more_mw"), site.get("headroom_more_low_mw")
        yield "  " + text(f"explain.headroom_{str(proof).replace(' ', '_')}", language).format(
            mw="–" if pd.isna(more) else f"{more:,.1f}",
            least="–" if pd.isna(least) else f"{least:,.1f}",
        )
    if pd.notna(site.get("first_year")):
        yield "  " + text("explain.first_year", language).format(year=int(site["first_year"]))


def _krw_kwh(site: pd.Series[Any], cut_bn_krw: float) -> float | None:
    """Return a cut as KRW a kWh of all electricity of the site, None where that is not known."""
    per_mwh, per_mw = site.get("krw_per_mwh_it"), site.get("bn_krw_per_mw")
    if per_mwh is None or pd.isna(per_mwh) or not per_mwh or pd.isna(per_mw):
        return None
    mwh_per_mw = float(per_mw) * _BN / float(per_mwh)
    energy = float(site["with_it_mw"]) * mwh_per_mw * _pue(site)
    return cut_bn_krw * _BN / energy / _KWH_PER_MWH


def _flow_limit(site: pd.Series[Any], plan: dict[str, Any]) -> list[str]:
    """Return the flow limit that stops a site most, in a line; none where the grid has room.

    A chosen site cannot take one more block, any other not even the smallest build.
    """
    step_mw = plan.get("block_it_mw" if site["chosen"] else "it_min_mw")
    limits = [
        limit
        for limit in (plan.get("grid") or {}).get("flow_limits", [])
        if limit.get("year") in (None, plan.get("year"))  # what runs in the end is most
    ]
    if step_mw is None or not limits or pd.isna(site.get("bus_id")) or pd.isna(site.get("it_mw")):
        return []
    need_mw = step_mw * site["facility_mw"] / site["it_mw"]
    bus = str(site["bus_id"])
    beyond = [need_mw * limit["mw_per_mw"].get(bus, 0.0) - limit["slack_mw"] for limit in limits]
    worst = beyond.index(max(beyond))
    if beyond[worst] <= _ROUNDING:
        return []
    limit = limits[worst]
    named = named_branches(limit["branches_en"], limit["further_branches"])
    said = f"no room for {step_mw:g} MW of IT more: flow limit of {named} in snapshot "
    return [f"{said}{limit['snapshot_id']} (model estimate)"]


def _in_english(site: pd.Series[Any], plan: dict[str, Any]) -> list[str]:
    name = f"{site['site_id']} {site['name_ko']} ({site['name_en']})"
    lines = [name]
    if site["chosen"] and pd.notna(site["value_bn_krw"]):
        lines.append(
            f"chosen with {site['it_mw']:,.0f} MW of IT load; without it the best plan costs "
            f"{site['value_bn_krw']:,.3f} bn KRW more ({_rank(site, 'en')})"
        )
    elif site["chosen"]:
        lines.append(f"chosen with {site['it_mw']:,.0f} MW of IT load")
    elif pd.notna(site["regret_bn_krw"]):
        lines.append(
            f"not chosen: forcing it in costs the best plan {site['regret_bn_krw']:,.3f} bn KRW "
            f"more ({_rank(site, 'en')})"
        )
    elif pd.notna(site["lower_bn_krw"]):
        lines.append(
            f"not chosen: forcing it in costs the best plan at least "
            f"{site['lower_bn_krw']:,.3f} bn KRW more "
            f"({', '.join(filter(None, ['proven bound', _rank(site, 'en')]))})"
        )
    else:
        lines.append(f"cannot be built: {_why_not(site)}")
    lines += _opening(site, plan)
    if pd.notna(site.get("route_km")):
        lines.append(
            f"connection to {_station(site)} at {site['voltage_kv']:g} kV: "
            f"{site['route_km']:,.1f} km ({site['route_oh_km']:,.1f} overhead, "
            f"{site['route_ug_km']:,.1f} underground), {site['route_bn_krw']:,.1f} bn KRW, "
            f"{_years(site)}{_works(site)}{_second_feed(site)}"
        )
    lines += _flow_limit(site, plan)
    if pd.notna(site.get("impact_applies")):
        lines.append(impact_line(site, "en"))
    if pd.notna(site.get("bn_krw_per_mw")):
        chosen = ", ".join(
            f"{item['site_id']} {item['bn_krw_per_mw']:,.2f}" for item in plan["sites"]
        )
        lines.append(
            f"discounted cost {site['bn_krw_per_mw']:,.2f} bn KRW per MW; the chosen sites: {chosen}"
        )
    return lines


def _opening(site: pd.Series[Any], plan: dict[str, Any]) -> list[str]:
    """Return when a chosen site opens and grows, in a line; none in a plan of one year."""
    found = [one for one in plan["sites"] if one["site_id"] == site["site_id"] and "steps" in one]
    return [f"opens in {one['open_year']}{phases(one)}" for one in found]


def _station(site: pd.Series[Any]) -> str:
    """Return the station of a site by name and id, by id alone where it has no name."""
    name = site.get("station_name_en")
    if name is None or pd.isna(name) or not name:
        return str(site["station_id"])
    return f"{name} ({site['station_id']})"


def _years(site: pd.Series[Any]) -> str:
    """Return the lead time with its range, and whether the longer one would be too late."""
    usual, longest = site["lead_time_years"], site.get("lead_time_high_years")
    if longest is None or pd.isna(longest) or longest <= usual:
        return f"{usual:g} years"
    late = "; too late if it takes the longest" if site.get("lead_time_tight") else ""
    return f"{usual:g} to {longest:g} years{late}"


def _second_feed(site: pd.Series[Any]) -> str:
    station = site.get("second_station_id")
    if station is None or pd.isna(station) or not station:
        return ""
    return (
        f"; second feed from {station}, {site['second_route_km']:,.1f} km, "
        f"{site['second_feed_bn_krw']:,.1f} bn KRW"
    )


def _works(site: pd.Series[Any]) -> str:
    works = site.get("works")
    if works is None or pd.isna(works) or not works:
        return ""
    return f", needs {works_words(str(works), 'en')} ({site['relief_mw']:,.0f} MW of headroom more)"


def _why_not(site: pd.Series[Any]) -> str:
    """Return in words what keeps a site out of every plan."""
    known = texts()
    gate = site["reason"] if pd.notna(site["reason"]) else "no_option"
    key = "why.provinces" if gate == "province" else f"why.{gate}"
    if key not in known:
        return str(gate)
    return known[key]["en"].replace(" ({mw} MW IT)", "")
