"""The project inside `sites.gpkg` opened and drawn by a real QGIS, where one is installed.

QGIS belongs to the Python of the system, so it works in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from siteopt.report.files import _write_eligibility
from siteopt.report.texts import text
from tests.report.gis.small_gis import LAYERS, full, write
from tests.report.gis.test_geopackage import HOSTILE

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("render_project.py")
SECONDS = 120


def has_qgis():
    if not Path(PYTHON).exists() or shutil.which("qgis") is None:
        return False
    asked = subprocess.run(  # noqa: S603 - the Python of the system
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False, timeout=SECONDS
    )
    return asked.returncode == 0


pytestmark = pytest.mark.skipif(not has_qgis(), reason="needs QGIS and its Python (python3-qgis)")


def opened(folder, project, home):
    """Return what QGIS says of a project, and draw it into the folder."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(home), "LANG": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(  # noqa: S603 - a script of ours
        [PYTHON, str(SCRIPT), str(folder / "sites.gpkg"), project, str(folder)],
        capture_output=True, check=False, timeout=SECONDS, env=environment, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def pixels(path):
    """Return red, green and blue of a picture, 0 to 255."""
    return np.round(imread(path)[..., :3] * 255).astype(int)


@pytest.fixture(scope="module")
def drawn(make_run, tmp_path_factory):
    # moved after it was written: paths are relative
    made, moved = (tmp_path_factory.mktemp(name) / "run" for name in ("made", "moved"))
    tables = full(make_run(HOSTILE), HOSTILE)
    write(tables, made)
    _write_eligibility(tables.eligibility, made / "eligibility.tif")
    shutil.move(made, moved)
    return moved, opened(moved, text("gis.project", "ko"), tmp_path_factory.mktemp("home"))


def test_qgis_opens_every_layer_of_the_project(drawn):
    folder, found = drawn
    assert (found["read"], found["error"], found["broken"], found["errors"]) == (True, "", [], [])
    assert found["crs"] == "EPSG:5179"
    assert set(found["layers"]) == {f"siteopt_{name}" for name in (*LAYERS, "eligibility")}
    for layer in found["layers"].values():
        assert layer["valid"], layer["name"]
        assert layer["crs"] == "EPSG:5179"
        assert layer["source"].startswith(str(folder))
        assert layer.get("features", 1) > 0
        assert layer.get("unknown_in_rules", []) == []


def test_qgis_knows_korean_titles_and_words(drawn):
    layers = drawn[1]["layers"]
    assert layers["siteopt_sites"]["aliases"]["rank"] == "순위"
    assert layers["siteopt_stations"]["aliases"]["headroom_confidence"] == "여유용량 신뢰도"
    assert "최적안 입지" in layers["siteopt_sites"]["legend"]
    assert layers["siteopt_eligibility"]["legend"][0] == "입지 가능"
    assert drawn[1]["groups"][0] == "최적안"


def test_a_layer_that_is_dragged_in_alone_has_its_style(drawn):
    for layer in drawn[1]["layers"].values():
        if "default_style" in layer:
            assert layer["default_style"]["loaded"], layer["name"]
            assert layer["default_style"]["legend"] == layer["legend"]


def test_map_tips_read_no_name_as_markup(drawn):
    tips = drawn[1]["tips"]
    hostile = next(tip for tip in tips if "필지" in tip)
    assert "<script" not in hostile
    assert "&lt;script" in hostile
    assert any("순위: 1<" in tip and "확실성 등급: 경합" in tip for tip in tips)


def test_the_map_is_coloured_and_labelled(drawn):
    folder, found = drawn
    labelled, plain = (pixels(folder / name) for name in ("map.png", "plain.png"))
    colours, counts = np.unique(plain.reshape(-1, 3), axis=0, return_counts=True)
    assert (counts > 50).sum() >= 8
    red = (np.abs(colours - [198, 40, 40]).sum(axis=1) < 12) & (counts > 20)
    assert red.any()  # the chosen sites
    assert any(label.startswith("1. ") for label in found["labels"])
    assert len(found["labels"]) >= 4
    assert (labelled != plain).any(axis=-1).sum() > 500


def test_the_page_to_print_has_map_and_legend(drawn):
    folder, found = drawn
    assert found["layouts"] == [{"name": "인쇄용(A3)", "exported": True}]
    page = pixels(folder / "page.png")
    high, wide = page.shape[:2]
    ink = page.sum(axis=-1) < 600
    legend = ink[high // 8 : high // 2, int(wide * 0.62) :]
    assert legend.mean() > 0.005
    assert ink.mean() > 0.01
