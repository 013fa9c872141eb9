"""The answer of the national scenario in three sentences: figures of a run, in two languages.

``python docs/site_builder/answer.py runs/national-2035`` takes the figures of a run into
``docs/answer.json`` and writes the sentences anew where README.md and README.ko.md have them.
Pages of the documentation have a mark instead, for which the sentences are set in when they are
built.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

__all__ = ["FIGURES", "READMES", "answer_text", "figures_of", "with_answer", "write"]

_ROOT: Final = Path(__file__).resolve().parents[2]
FIGURES: Final = _ROOT / "docs" / "answer.json"
READMES: Final = {"en": _ROOT / "README.md", "ko": _ROOT / "README.ko.md"}
_BLOCK: Final = re.compile(r"(?<=<!-- answer -->\n).*?(?=<!-- end of answer -->)", re.DOTALL)

Figures = dict[str, Any]


def figures_of(folder: Path) -> Figures:
    """Return the figures of a run that the sentences tell.

    Parameters
    ----------
    folder : Path
        Of a run with draws.

    Raises
    ------
    ValueError
        If the run drew nothing: then nobody can say how sure its answer is.
    """
    record, plan = _json(folder / "run.json"), _json(folder / "portfolio.json")
    if not plan.get("certainty"):
        raise ValueError(f"{folder}: no draws in this run; take one whose scenario has some")
    risk = {row["figure"]: row for row in _json(folder / "robustness.json")["value_at_risk_bn_krw"]}
    with (folder / "ranking.csv").open(encoding="utf-8-sig", newline="") as file:
        ranked = list(csv.DictReader(file))
    chosen = [row for row in ranked if row["chosen"].lower() == "true"]
    with (folder / "robustness_places.csv").open(encoding="utf-8-sig", newline="") as file:
        provinces = [row for row in csv.DictReader(file) if row["level"] == "province"]
    shares = {row["place"]: float(row["share_pct"]) for row in provinces}
    certain = plan["certainty"]
    names = plan["names"]["provinces"]
    return {
        "scenario": record["scenario"]["name"],
        "target_mw": record["scenario"]["target"]["it_mw"],
        "year": record["scenario"]["target"]["year"],
        "status": record["status"],
        "gap_asked": record["scenario"]["solver"]["gap"],
        "cost_bn_krw": plan["cost_bn_krw"],
        "candidates": len(ranked),
        "places": [
            [*_without_id(row), float(row["it_mw"])] for row in sorted(chosen, key=_by_rank)
        ],
        "draws": certain["draws"],
        "robust_share_pct": certain["robust_share_pct"],
        "robust_sites": len(certain["robust"].get("site", [])),
        "robust_districts": len(certain["robust"].get("district", [])),
        "robust_provinces": [
            [*names.get(code, [code, code]), shares[code]]
            for code in sorted(certain["robust"].get("province", []), key=lambda one: -shares[one])
        ],
        "committed_mean_bn_krw": certain["committed_mean_bn_krw"],
        "committed_p95_bn_krw": certain["committed_p95_bn_krw"],
        "cost_range_bn_krw": [risk["best_plan"]["p5"], risk["best_plan"]["p95"]],
    }


def _json(path: Path) -> Any:  # noqa: ANN401 - as the file has it
    return json.loads(path.read_text(encoding="utf-8"))


def _by_rank(row: dict[str, str]) -> int:
    return int(float(row["rank"]))


def _without_id(row: dict[str, str]) -> list[str]:
    return [
        row[f"name_{language}"].replace(row["site_id"], "").strip() for language in ("ko", "en")
    ]


def answer_text(language: str, figures: Figures | None = None) -> str:
    """Return the sentences: the answer, how sure it is, what committing to it costs.

    Parameters
    ----------
    language : {'en', 'ko'}
        English or Korean.
    figures : dict, optional
        Of a run; those of ``docs/answer.json`` by default.
    """
    known = _json(FIGURES) if figures is None else figures
    lines = {"en": _english, "ko": _korean}[language](known)
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _english(one: Figures) -> list[str]:
    places = ", ".join(dict.fromkeys(place[1] for place in one["places"]))
    robust = ", ".join(f"{name} ({share:.0f} %)" for _, name, share in one["robust_provinces"])
    low, high = one["cost_range_bn_krw"]
    share = one["committed_mean_bn_krw"] / one["cost_bn_krw"]
    sites = f"{one['robust_sites'] or 'no'} single site{'s stay' * (one['robust_sites'] > 1)}"
    sites += " stays" * (one["robust_sites"] <= 1)
    proof = (
        f"the optimum of this model, proven within {one['gap_asked'] * 100:g} %"
        if one["status"] == "optimal"
        else "stopped at a time limit, so a better plan may exist"
    )
    return [
        (
            f"**The answer**: {one['target_mw']:,.0f} MW of IT load in {one['year']} on "
            f"{len(one['places'])} of {one['candidates']:,} candidate sites ({places}) for "
            f"{one['cost_bn_krw']:,.0f} bn KRW, present value; {proof}."
        ),
        (
            f"**How sure**: with all assumptions drawn together {one['draws']} times, {sites} in "
            f"{one['robust_share_pct']:.0f} % of the plans; of the provinces "
            f"{robust or 'none'} {'do' if len(one['robust_provinces']) > 1 else 'does'}. The total lies "
            f"between {low:,.0f} and {high:,.0f} bn KRW in nine draws of ten."
        ),
        f"**What the choice risks**: committing to these sites costs "
        f"{one['committed_mean_bn_krw']:,.0f} bn KRW ({share:.2%}) more on average than the best "
        f"plan of each draw, more than {one['committed_p95_bn_krw']:,.0f} bn KRW in one draw of "
        "twenty. It is a model estimate, not a permit.".replace("%)", " %)"),
    ]


def _korean(one: Figures) -> list[str]:
    places = "·".join(dict.fromkeys(place[0] for place in one["places"]))
    robust = ", ".join(f"{name}({share:.0f}%)" for name, _, share in one["robust_provinces"])
    robust = f"는 {robust}가 남습니다" if robust else "도 없습니다"
    low, high = one["cost_range_bn_krw"]
    share = one["committed_mean_bn_krw"] / one["cost_bn_krw"]
    sites = (
        f"개별 입지는 {one['robust_sites']}곳입니다"
        if one["robust_sites"]
        else "개별 입지는 없습니다"
    )
    proof = (
        f"이 모형의 최적해, 오차 {one['gap_asked'] * 100:g}% 이내"
        if one["status"] == "optimal"
        else "계산시간 제한으로 멈춘 가능해"
    )
    return [
        (
            f"**결과**: {one['year']}년 IT 부하 {one['target_mw']:,.0f} MW를 후보지 "
            f"{one['candidates']:,}곳 가운데 {len(one['places'])}곳({places})에 배치하는 안이며, "
            f"총비용은 현재가치로 {_won(one['cost_bn_krw'])}입니다({proof})."
        ),
        (
            f"**확실성**: 모든 가정을 함께 바꾸어 {one['draws']}회 다시 최적화하였을 때 "
            f"{one['robust_share_pct']:.0f}% 이상의 최적안에 남는 {sites}. 시·도 단위로"
            f"{robust}. 총비용은 열 번 가운데 아홉 "
            f"번이 {_won(low, coarse=True)}에서 {_won(high, coarse=True)} 사이입니다."
        ),
        (
            f"**확정할 때의 위험**: 이 입지들로 미리 확정하면 그때그때의 최적안보다 평균 "
            f"{_won(one['committed_mean_bn_krw'])}({share * 100:.2f}%) 더 들고, 스무 번 가운데 한 번은 "
            f"{_won(one['committed_p95_bn_krw'])} 넘게 더 듭니다. 모형 추정 결과이며 인허가나 "
            "정부 확정계획이 아닙니다."
        ),
    ]


def _won(bn_krw: float, *, coarse: bool = False) -> str:
    """Return an amount in Korean units of 10^12 and 10^8 won."""
    hundred_millions = round(bn_krw * 10, -3 if coarse else 0)
    trillions, rest = divmod(int(hundred_millions), 10_000)
    said = [f"{trillions}조"] if trillions else []
    said += [f"{rest:,}억"] if rest or not trillions else []
    return " ".join(said) + " 원"


def with_answer(page: str, sentences: str) -> str:
    """Return a page with the sentences between its two marks.

    Parameters
    ----------
    page : str
        Text with ``<!-- answer -->`` and ``<!-- end of answer -->`` on lines of their own.
    sentences : str
        What stands between them.

    Raises
    ------
    ValueError
        If the page has not one such place.
    """
    made, count = _BLOCK.subn(lambda _: f"\n{sentences}\n", page)
    if count != 1:
        raise ValueError(f"{count} places for the answer on the page, but there must be one")
    return made


def write(folder: Path) -> None:
    """Take the figures of a run, and write the sentences into both READMEs.

    Parameters
    ----------
    folder : Path
        Of a run with draws.
    """
    figures = figures_of(folder)
    told = json.dumps(figures, ensure_ascii=False, indent=1)
    FIGURES.write_text(told + "\n", encoding="utf-8", newline="\n")
    for language, file in READMES.items():
        page = file.read_text(encoding="utf-8")
        made = with_answer(page, answer_text(language, figures))
        file.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the script and a folder
        sys.exit("usage: python docs/site_builder/answer.py RUN_FOLDER")
    write(Path(sys.argv[1]))
