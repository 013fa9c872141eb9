"""Static pictures: they show what they are given, in both languages, and the same bytes twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

from siteopt._notebook import Card, Shown, framed, shown_by
from siteopt.report.plots.card import card_of
from siteopt.report.plots.cost import draw_cost
from siteopt.report.plots.eligibility import draw_eligibility
from siteopt.report.plots.energy import draw_energy
from siteopt.report.plots.robustness import draw_robustness
from siteopt.report.plots.sizes import draw_sizes
from siteopt.report.plots.static_map import draw_map
from siteopt.report.plots.style import label, picture

HOSTILE = "<script>alert(1)</script> $x_1$ =1+1 \u202eRTL\n" + "긴" * 80
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def provinces():
    return gpd.GeoDataFrame(geometry=[shapely.box(900e3, 1600e3, 1200e3, 2000e3)], crs=5179)


@pytest.fixture
def sites():
    return gpd.GeoDataFrame(
        {
            "site_id": ["A", "B", "C"],
            "name_ko": ["가", HOSTILE, "다"],
            "name_en": ["A", HOSTILE, "C"],
            "chosen": [True, True, False],
            "it_mw": [100.0, 300.0, np.nan],
            "cost_building_bn_krw": [2.0, 3.0, np.nan],
            "cost_energy_bn_krw": [10.0, 20.0, np.nan],
            "cost_bn_krw": [12.0, 23.0, np.nan],
        },
        geometry=[shapely.Point(1000e3, 1700e3), shapely.Point(1100e3, 1800e3), shapely.Point(950e3, 1650e3)],
        crs=5179,
    )  # fmt: skip


def words(ax):
    return [one.get_text() for one in ax.texts]


@pytest.mark.parametrize("language", ["ko", "en", None])
def test_the_map_numbers_the_sites_of_the_plan_and_names_them(provinces, sites, language):
    ax = draw_map(provinces, sites, title=HOSTILE, language=language)
    assert {"1", "2"} <= set(words(ax))
    named = next(one for one in words(ax) if "100 MW" in one)
    assert len(named.splitlines()) == 2
    assert "300 MW" in named
    assert "\n" not in ax.get_title()
    assert picture(ax) == picture(draw_map(provinces, sites, title=HOSTILE, language=language))
    assert picture(ax).startswith(PNG)


def test_the_map_without_a_plan_has_candidates_alone(provinces, sites):
    ax = draw_map(provinces, sites.assign(chosen=False), language="en")
    assert not [one for one in words(ax) if "MW" in one]
    assert "3 candidate sites" in [one.get_text() for one in ax.get_legend().get_texts()]
    assert picture(draw_map(provinces, sites.iloc[:0], language="en")).startswith(PNG)


def test_bars_of_cost_add_up_to_the_cost_of_the_site(sites):
    chosen = sites[sites["chosen"]]
    ax = draw_cost(chosen, language="en")
    ends = {}
    for bar in ax.patches:
        row = round(bar.get_y() + bar.get_height() / 2)
        ends[row] = max(ends.get(row, 0.0), bar.get_x() + bar.get_width())
    assert ends == {0: 12.0, 1: 23.0}
    assert [one.get_text() for one in ax.get_legend().get_texts()] == [
        "Energy",
        "Building and plant",
    ]
    assert "bn KRW" in ax.get_xlabel()


def test_more_parts_than_colours_are_one(sites):
    more = {f"cost_{name}_bn_krw": 1.0 for name in ("land", "water", "carbon", "fibre", "access", "cooling", "upgrade")}  # fmt: skip
    ax = draw_cost(sites[sites["chosen"]].assign(**more), language="en")
    told = [one.get_text() for one in ax.get_legend().get_texts()]
    assert len(told) == 7
    assert told[-1] == "Other parts"
    assert max(bar.get_x() + bar.get_width() for bar in ax.patches) == 30.0


def test_robustness_shows_shares_with_their_intervals_and_the_threshold():
    places = pd.DataFrame(
        {
            "level": ["site", "site", "station"],
            "place": ["A", "B", "X"],
            "share_pct": [90.0, 20.0, 50.0],
            "low_pct": [80.0, 10.0, 40.0],
            "high_pct": [95.0, 30.0, 60.0],
            "in_run": [True, False, True],
        }
    )
    ax = draw_robustness(places, {"A": HOSTILE}, 80.0, draws=64, language="en")
    assert "64" in ax.get_title()
    assert [one.get_text() for one in ax.get_yticklabels()][1] == "B"
    told = [one.get_text() for one in ax.get_legend().get_texts()]
    assert "Robust from 80 %" in told
    spans = [one.get_segments()[0][:, 0].tolist() for one in ax.collections]
    assert [80.0, 95.0] in spans
    assert [10.0, 30.0] in spans


def test_the_week_of_energy_goes_over_new_year():
    hours = pd.DataFrame({name: np.arange(8760.0) for name in ("used_mw", "discharge_mw", "import_mw", "contracts_mw")})  # fmt: skip
    ax = draw_energy(hours, 8760, language="en")
    made = ax.lines[0].get_ydata()
    assert (made[0], made[1], len(made)) == (8759.0, 0.0, 168)
    assert ax.get_ylabel() == "MW"


@pytest.mark.parametrize(
    "ax",
    [
        lambda: draw_robustness(None, {}, 80.0, language="en"),
        lambda: draw_energy(None, 1, language="en"),
        lambda: draw_cost(pd.DataFrame({"name_en": []}), language="en"),
        lambda: draw_sizes(pd.DataFrame({"site_id": [], "it_mw": []}), language="en"),
    ],
)
def test_where_there_is_nothing_it_is_said(ax):
    drawn = ax()
    assert drawn.get_title()
    assert len(words(drawn)) == 1
    assert picture(drawn).startswith(PNG)


def test_axes_of_the_caller_are_drawn_on(sites):
    mine = Figure().subplots(1, 2)
    assert draw_sizes(sites.dropna(), ax=mine[1]) is mine[1]
    assert not mine[0].patches


def test_eligible_land_counts_by_the_most_of_its_cells():
    land = np.zeros((1040, 400), dtype=bool)
    land[:520] = True
    ax = draw_eligibility(land & (np.arange(400) < 100), land, "t", language="en")
    cells = np.asarray(ax.images[0].get_array())
    assert cells.shape == (520, 200)
    assert (cells == 2).sum() == 260 * 50
    assert (cells == 1).sum() == 260 * 150


def test_words_from_outside_are_one_short_line():
    assert label(HOSTILE).count("\n") == 0
    assert len(label(HOSTILE)) == 28
    assert "\u202e" not in label(HOSTILE)


def test_a_card_lets_no_script_of_a_name_in():
    card = card_of(HOSTILE, [HOSTILE], PNG, alt=HOSTILE, picture_px=10, table=[["a"], [HOSTILE]])
    assert "<script" not in card.page
    assert "script-src" not in card.page
    assert "default-src 'none'" in card.page
    frame = framed(card.page, 10)
    assert frame.count("<") == 2  # the frame's own tags
    assert 'sandbox="allow-scripts"' in frame


def test_what_is_shown_is_what_is_registered_and_asked_for():
    class Bare(Shown):
        pass

    class Known(Shown):
        pass

    shown_by(Known, lambda _: Card("words", PNG, "<p>x</p>"))
    assert set(Bare()._repr_mimebundle_()) == {"text/plain"}
    assert set(Known()._repr_mimebundle_()) == {"text/plain", "image/png", "text/html"}
    assert set(Known()._repr_mimebundle_(include={"image/png"})) == {"image/png"}
    assert set(Known()._repr_mimebundle_(exclude={"text/html"})) == {"text/plain", "image/png"}
