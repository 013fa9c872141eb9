"""The scoring table is read from the fact table item by item."""

from __future__ import annotations

import pandas as pd
import pytest

from siteopt.errors import LayerError
from siteopt.sources.grid_impact import _ITEMS, scoring

HEADER = "block,item,points,type,source\n"


def table(folder, *rows):
    text = HEADER + "".join(f"{row},draft\n" for row in rows)
    (folder / "grid_impact_assessment_scoring.csv").write_text(text, encoding="utf-8")
    return scoring(folder)


def test_points_bonus_malus_ranges_and_pass_fail(tmp_path):
    out = table(
        tmp_path, "기술 Technical,여유 확보 난이도,20,", "기술,부지제공 가점,5,bonus",
        "기술,적정전압 신청여부 감점,-15,malus", "정책 Policy,수요 분산화 효과,-15..+15,bonus/malus",
        "기술,적정전압 유지 가능,P/F,pass/fail",
    )  # fmt: skip
    assert out["points_max"].tolist()[:4] == [20, 5, 0, 15]
    assert out["points_min"].tolist()[:4] == [0, 0, -15, -15]
    assert out.loc[4, ["points_max", "points_min"]].isna().all()
    assert out["kind"].tolist() == ["points", "bonus", "malus", "bonus_malus", "pass_fail"]
    assert out["block"].tolist() == ["technical", "technical", "technical", "policy", "technical"]
    assert out["computable"].tolist() == [False, False, False, True, False]
    assert out["place"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("기술,새 항목,5,", "새 항목 is not known; a new item needs an id"),
        ("기타,여유 확보 난이도,5,", "기타 is not known"),
        ("기술,여유 확보 난이도,many,", "item 여유 확보 난이도: points are 'many'; a number"),
    ],
)
def test_what_is_not_known_is_named(tmp_path, row, message):
    with pytest.raises(LayerError, match=message):
        table(tmp_path, row)


def test_ids_are_unique(tmp_path):
    assert pd.Series([item[0] for item in _ITEMS.values()]).is_unique
    assert len(table(tmp_path, *(f"기술,{name},5," for name in _ITEMS))) == 17
