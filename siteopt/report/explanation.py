"""Explanation of one place in text: the verdict of its site, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.costs.price_parts import PRICE_PARTS
from siteopt.report._against import component_costs
from siteopt.report._names import Names
from siteopt.report._rules import layer_titles, rule_fact
from siteopt.report._same import same_texts
from siteopt.report.facts import Fact, say
from siteopt.report.gates import gates, need_fact
from siteopt.report.impact import impact_line
from siteopt.report.texts import text, texts
from siteopt.report.works import works_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from siteopt.report.facts import Value
    from siteopt.report.texts import Language
    from siteopt.report.verdict import Verdicts

__all__ = ["explain_cell", "explain_left_out", "explain_site"]

_PART_DIGITS: Final = 3
"""Decimals of a component in bn KRW a MW."""
_PRICE_DIGITS: Final = 1
"""Decimals of a price in KRW/kWh."""
_LEAST_PART: Final = 0.0005
"""bn KRW a MW: what would be shown as 0."""

Row = dict[str, Any]


def explain_site(site_id: str, verdicts: Verdicts, language: Language = "en") -> str:
    """Return why a site is in the answer, or why not.

    Parameters
    ----------
    site_id : str
        A site of the ranking.
    verdicts : Verdicts
        Those of the run.
    language : {'en', 'ko'}
        English or Korean: the same lines with the same figures.
    """
    row, verdict = verdicts.rows[site_id], verdicts.of(site_id)

    def worded(fact: Fact) -> str:
        return say(fact, language, verdicts.names)

    lines = [_head(row, language)]
    lines += [worded(fact) for fact in _class(row)]
    lines.append(worded(verdict.sentence))
    lines += [worded(fact) for fact in (*_opening(row, verdicts), *_connection(row))]
    if row.get("impact_applies") is not None:
        lines.append(impact_line(row, language))
    lines += [worded(fact) for fact in _per_mw(row, verdicts)]
    causes = verdict.causes[verdict.state == "impossible" :]  # the first is in the sentence
    if causes:
        heads = {"impossible": "why_impossible", "not_chosen": "why_not"}
        lines.append(text(f"site.{heads.get(verdict.state, 'limits')}", language) + ":")
        lines += [f"  {worded(fact)}" for fact in causes]
    found = gates(site_id, verdicts)
    if found:
        lines += [
            worded(need_fact(site_id, verdicts)),
            *(f"  {worded(gate.line())}" for gate in found),
        ]
    lines += [worded(fact) for fact in _components(row, verdicts, verdict.rival)]
    lines += [worded(fact) for fact in (*_price(row), *_clean_price(row, verdicts))]
    same = same_texts(verdicts.record.get("same_everywhere", []), language)
    if same:
        lines.append(text("explain.same", language).format(parts=same))
    if verdict.changes:
        lines.append(text("explain.changes", language))
        lines += [f"  {worded(fact)}" for fact in verdict.changes]
    return "\n".join([*lines, worded(_ids(row, verdict.rival))])


def _head(row: Row, language: Language) -> str:
    """Return name and, in English, id of a site; in Korean ids stand in one line at the end."""
    name, site = str(row.get(f"name_{language}") or row["site_id"]), str(row["site_id"])
    if language == "en":
        return f"{site} {name.replace(site, '').strip()}".strip()
    return name


def _class(row: Row) -> Iterator[Fact]:
    """Yield the class of a site and its share of the draws; nothing where none were drawn."""
    if row.get("class") is None:
        return
    figures: dict[str, Value] = {
        "name": ("of", Fact(f"class.{row['class']}")),
        "pct": ("n", row["in_plan_pct"], 0),
        "low": ("n", row["in_plan_low_pct"], 0),
        "high": ("n", row["in_plan_high_pct"], 0),
    }
    yield Fact("explain.certainty", figures)


def _opening(row: Row, verdicts: Verdicts) -> Iterator[Fact]:
    """Yield when a chosen site opens and grows; nothing in a plan of one year."""
    for one in verdicts.plan.get("sites", []):
        if one["site_id"] == row["site_id"] and "steps" in one:
            steps = [
                Fact("years.opens" if step["opens"] else "years.grows",
                     {"year": ("as is", str(step["year"])), "mw": ("n", step["it_mw"], 1)})
                for step in one["steps"]
            ]  # fmt: skip
            yield Fact("explain.phases", {"steps": ("list", ", ", steps)})


def _connection(row: Row) -> Iterator[Fact]:
    """Yield the connection of a site with its years, works and second feed, where it has one."""
    if row.get("route_km") is None:
        return
    yield Fact(
        "explain.connection",
        {
            "station": ("station", str(row.get("station_id"))), "kv": ("n", row["voltage_kv"], 1),
            "km": ("n", row["route_km"], 1), "oh": ("n", row["route_oh_km"], 1),
            "ug": ("n", row["route_ug_km"], 1), "money": ("money", row["route_bn_krw"]),
            "years": ("of", _years(row)),
        },
    )  # fmt: skip
    if row.get("works"):
        yield Fact(
            "explain.works",
            {
                "works": ("both", *(works_words(row["works"], one) for one in ("ko", "en"))),
                "mw": ("n", row.get("relief_mw") or 0.0, 0),
                "cost": ("of", _cost(row.get("works_bn_krw"))),
            },
        )
    if row.get("second_station_id"):
        yield Fact(
            "explain.second_feed",
            {
                "station": ("station", row["second_station_id"]),
                "km": ("n", row["second_route_km"], 1),
                "cost": ("of", _cost(row.get("second_feed_bn_krw"))),
            },
        )


def _cost(bn_krw: float | None) -> Fact | None:
    return None if bn_krw is None else Fact("explain.cost", {"money": ("money", bn_krw)})


def _years(row: Row) -> Fact | None:
    """Return the lead time with its range, and whether the longer one would be too late."""
    usual, longest = row.get("lead_time_years"), row.get("lead_time_high_years")
    if usual is None:
        return None
    if longest is None or longest <= usual:
        return Fact("explain.years", {"n": ("n", usual, 1)})
    late = Fact("explain.years_tight") if row.get("lead_time_tight") else None
    figures: dict[str, Value] = {
        "n": ("n", usual, 1), "most": ("n", longest, 1), "late": ("of", late),
    }  # fmt: skip
    return Fact("explain.years_range", figures)


def _per_mw(row: Row, verdicts: Verdicts) -> Iterator[Fact]:
    """Yield what a MW costs here, and at the chosen sites."""
    if row.get("bn_krw_per_mw") is None:
        return
    chosen = [
        Fact("explain.per_mw_of", {"site": ("site", one["site_id"]),
                                   "cost": ("unit", one["bn_krw_per_mw"], 2, False)})
        for one in verdicts.plan.get("sites", []) if one.get("bn_krw_per_mw") is not None
    ]  # fmt: skip
    cost = ("unit", row["bn_krw_per_mw"], 2, False)
    yield Fact("explain.per_mw", {"cost": cost, "chosen": ("list", ", ", chosen)})


def _components(row: Row, verdicts: Verdicts, rival: str | None) -> Iterator[Fact]:
    """Yield what a MW costs more or less by component than at the rival of the site."""
    if rival is None:
        return
    here, there = component_costs(row), component_costs(verdicts.rows[rival])
    parts = sorted(
        ((name, cost, cost - there[name]) for name, cost in here.items() if name in there),
        key=lambda part: -abs(part[2]),
    )
    differences = [
        Fact("explain.component", {"name": ("text", f"cost.{name}"),
                                   "cost": ("unit", cost, _PART_DIGITS, False),
                                   "gap": ("unit", gap, _PART_DIGITS, True)})
        for name, cost, gap in parts if max(abs(cost), abs(gap)) >= _LEAST_PART
    ]  # fmt: skip
    if differences:
        figures: dict[str, Value] = {"other": ("site", rival), "parts": ("list", ", ", differences)}
        yield Fact("explain.components", figures)


def _price(row: Row) -> Iterator[Fact]:
    """Yield what a kWh costs by its parts."""
    if row.get("energy_price_krw_kwh") is None:
        return
    parts = [
        Fact("explain.price_part", {"name": ("text", f"price.{name}"), "kwh": ("n", value, 1)})
        for name in PRICE_PARTS
        if (value := row.get(f"price_{name}_krw_kwh"))
    ]
    kwh = ("n", row["energy_price_krw_kwh"], 1)
    yield Fact("explain.price", {"kwh": kwh, "parts": ("list", ", ", parts)})


def _clean_price(row: Row, verdicts: Verdicts) -> Iterator[Fact]:
    """Yield what a further clean kWh costs at the bus of a site, and at the cheapest chosen one."""
    here = row.get("clean_krw_kwh")
    chosen = [one.get("clean_krw_kwh") for one in verdicts.chosen]
    least = min((price for price in chosen if price is not None), default=None)
    if here is None or least is None:
        return
    gap = round(here - least, _PRICE_DIGITS)
    side = "cheapest" if gap == 0 else "above" if gap > 0 else "below"
    beside = Fact(f"clean.{side}", {"krw": ("n", abs(gap), _PRICE_DIGITS)} if gap else {})
    yield Fact("explain.clean_price", {"krw": ("n", here, _PRICE_DIGITS), "beside": ("of", beside)})


def _ids(row: Row, rival: str | None) -> Fact:
    """Return the ids by which the site is found in the files of the run."""
    ids = {
        "site": row["site_id"], "rival": rival,
        "station": row.get("station_id"), "second": row.get("second_station_id"),
        "basin": row.get("basin_id"), "bus": row.get("bus_id"),
    }  # fmt: skip
    parts = [
        Fact(f"id.{name}", {"id": ("as is", str(one))}) for name, one in ids.items() if one
    ]  # fmt: skip
    return Fact("explain.ids", {"parts": ("list", ", ", parts)})


def explain_cell(
    code: int,
    record: dict[str, Any],
    language: Language = "en",
    nearest: tuple[str, float] | None = None,
    values: Mapping[str, Fact] | None = None,
) -> str:
    """Return the reasons against a cell of ``eligibility.tif``, as the map shows them.

    Parameters
    ----------
    code : int
        Its value.
    record : dict
        ``run.json``.
    language : {'en', 'ko'}
        English or Korean.
    nearest : tuple of str and float, optional
        The name of the nearest candidate site and its distance in km, for a cell that is eligible.
    values : mapping of str to Fact, optional
        The cell's own figure by id of the exclusion, where it is known.
    """
    against = [item for bit, item in enumerate(record["screening"]) if code >> bit & 1]
    if against:
        rules, own = _rules_of(record, language), values or {}
        count = text("land.here_excluded", language).format(n=len(against))
        lines = [
            _with_rule(
                item[f"title_{language}"], rules.get(item.get("reason", "")), language,
                say(own[item["reason"]], language, Names()) if item.get("reason") in own else None,
            )
            for item in against
        ]  # fmt: skip
        return "\n".join([count, *(f"  {line}" for line in lines)])
    if code:
        return text("land.here_outside", language)
    eligible = text("land.here_eligible", language)
    if nearest is None:
        return eligible
    site, km = nearest
    return f"{eligible} {text('explain.nearest', language).format(site=site, km=f'{km:.1f}')}"


def explain_left_out(
    place: Mapping[str, Any], record: dict[str, Any], language: Language = "en"
) -> str:
    """Return why an industrial complex is no candidate.

    Parameters
    ----------
    place : mapping
        Its row of ``complexes.csv``.
    record : dict
        ``run.json``.
    language : {'ko', 'en'}
        English or Korean.
    """
    titles = {item["reason"]: item[f"title_{language}"] for item in record.get("screening", [])}
    rules = _rules_of(record, language)
    reasons = []
    for name in str(place["excluded_by"]).split(";"):
        known = texts().get(f"excluded.{name}")
        title = known[language] if known else titles.get(name, name)
        reasons.append(_with_rule(title, rules.get(name), language))
    return text("explain.left_out", language).format(
        name=place[f"name_{language}"], id=place["complex_id"], reasons="; ".join(reasons),
        ha=f"{place['eligible_ha']:,.1f}", rule=text(f"area.{place['area_rule']}", language),
    )  # fmt: skip


def _rules_of(record: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return what each exclusion of a run takes, by its id; empty for runs that do not say."""
    titles = layer_titles(record.get("inputs", []))
    exclusions = record.get("scenario", {}).get("screening", {}).get("exclusions", [])
    return {rule["id"]: say(rule_fact(rule, titles), language, Names()) for rule in exclusions}


def _with_rule(title: str, rule: str | None, language: Language, here: str | None = None) -> str:
    if rule is None:
        return title
    key = "rule.of" if here is None else "rule.of_here"
    return text(key, language).format(title=title, rule=rule, here=here or "")
