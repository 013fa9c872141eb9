"""The report of the small run in its kinds, each typeset once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO

import pypdf
import pytest

from siteopt.report.document.report import report_files
from tests.report.conftest import small_run, small_years
from tests.report.small_curve import with_curve
from tests.report.small_further import small_further
from tests.report.small_robustness import with_draws

HOSTILE = "<script>alert(1)</script> =1+1 #let x $y$ *b* \\ \"' \u202e مرحبا 🙂 " + "긴" * 120


def full_run():
    """Return the small run with everything that a run can have."""
    tables = with_draws(with_curve(small_run()))
    return replace(tables, further=small_further(list(tables.sites["site_id"])))


def one_site():
    """Return the small run with one chosen site of all."""
    tables = small_run()
    plan = tables.plan
    ranking = tables.ranking.assign(chosen=tables.ranking["site_id"] == "S0003")
    values = ranking["value_bn_krw"].where(ranking["chosen"])
    return replace(
        tables,
        plan=replace(plan, chosen=plan.chosen[plan.chosen["site_id"] == "S0003"]),
        ranking=ranking.assign(value_bn_krw=values),
    )


def most_suitable():
    """Return the small run as one that maximises suitability."""
    tables = small_run()
    names = {
        f"{name}_bn_krw": f"{name}_suitable_mw" for name in ("value", "regret", "lower", "upper")
    }
    settings = tables.scenario.model_copy(
        update={"objective": tables.scenario.objective.model_copy(update={"kind": "suitability"})}
    )
    plan = replace(tables.plan, objective=-210.5, bound=-210.5)
    return replace(
        tables, scenario=settings, plan=plan, ranking=tables.ranking.rename(columns=names)
    )


def campuses():
    """Return the small run with a campus among its sites."""
    tables = small_run()
    kinds = tables.sites["kind"].where(tables.sites["site_id"] != "S0000", "campus")
    return replace(tables, sites=tables.sites.assign(kind=kinds))


def no_borders():
    """Return the small run without the layers that maps and names come from."""
    tables = small_run()
    layers = tables.layers
    kept = {name: one for name, one in layers.vectors.items() if name == "stations"}
    return replace(
        tables, layers=replace(layers, vectors=kept, tables={}), impact=None,
        plan=replace(tables.plan, grid_account=None, grid_further=None, flow_prices=None),
    )  # fmt: skip


RUNS = {
    "full": full_run, "bare": small_run, "years": small_years, "one": one_site,
    "suitable": most_suitable, "campuses": campuses, "no_borders": no_borders,
    "hostile": lambda: small_run(HOSTILE),
}  # fmt: skip


@cache
def tables_of(kind):
    return RUNS[kind]()


@cache
def files_of(kind, language="ko"):
    return report_files(tables_of(kind), language=language)


@cache
def reader_of(kind, language="ko"):
    return pypdf.PdfReader(BytesIO(files_of(kind, language)["report.pdf"]))


@cache
def text_of(kind, language="ko"):
    """Return the text of a report without its white space, which lines are broken at."""
    pages = (page.extract_text() for page in reader_of(kind, language).pages)
    return "".join("".join(pages).split())


@pytest.fixture(scope="session")
def squeezed():
    return lambda words: "".join(words.split())
