"""Draw the figure of the algorithm page: ``python docs/site_builder/algorithm_figure.py``.

Five bands from top to bottom, what is made in each, and what flows between them. It is one file
without a font, a script or a link, in English and Korean.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

__all__ = ["BANDS", "FIGURE", "svg"]

FIGURE: Final = Path(__file__).resolve().parents[1] / "algorithm.svg"

_WIDTH: Final = 880
_LABEL: Final = 104
_GAP: Final = 14
_HEAD: Final = 74
_LINE: Final = 16
_BETWEEN: Final = 46
_FONTS: Final = "Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', 'Malgun Gothic', sans-serif"


class Box(NamedTuple):
    """One method: its name in both languages, its source, its modules, its figure in a run."""

    en: str
    ko: str
    source: str
    modules: tuple[str, ...]
    measured: str = ""


class Band(NamedTuple):
    """What is done to the plan, by which methods, and what goes on to the next band."""

    en: str
    ko: str
    colour: str
    boxes: tuple[Box, ...]
    onward: tuple[tuple[str, str], ...] = ()
    """Up or down, and what goes that way between this band and the next."""


BANDS: Final = (
    Band(
        "Found", "해 찾기", "#e3f0ea",
        (
            Box(
                "Restricted MIPs (kernel search)", "제한 혼합정수계획, 커널 탐색",
                "Angelelli, Mansini, Speranza 2010", ("search/restricted_mips.py",),
                "143 options: 111,952.3 bn KRW",
            ),
            Box(
                "Lazy flow limits", "지연 송전제약(벤더스 절단)",
                "added where a plan breaks one; Benders 1962",
                ("search/lazy_flow_limits.py", "grid/operation.py"),
                "4 snapshots, no limit broken",
            ),
        ),
        (("down", "cost of the plan: cutoff 해의 비용"), ("up", "reduced costs 수정비용")),
    ),
    Band(
        "Bounded", "하한", "#e4ebf7",
        (
            Box(
                "Column generation", "열 생성법", "Dantzig, Wolfe 1960",
                ("bounds/column_generation.py", "bounds/pricing.py"),
                "82,589 options: at least 111,948",
            ),
            Box(
                "Cutting planes", "절단평면", "Nemhauser, Wolsey 1988, 1990",
                (
                    "cuts/cliques.py", "cuts/mir.py",
                    "cuts/local_cuts.py", "cuts/odd_holes.py",
                ),
            ),
            Box(
                "Reduced-cost fixing, core", "수정비용 고정, 핵심 문제", "Balas, Zemel 1980",
                ("bounds/reduced_cost.py", "bounds/core_problem.py"),
                "357 options left for a better plan",
            ),
        ),
        (("down", "core problem, bound 핵심 문제와 하한"), ("up", "better plan 더 나은 해")),
    ),
    Band(
        "Proven", "증명", "#f7f0dc",
        (
            Box(
                "Branch and cut on the core", "분지절단법", "Padberg, Rinaldi 1991",
                ("search/gap_closing.py", "bounds/root_cuts.py"),
                "gap 0 (1e-6 asked for)",
            ),
            Box(
                "Cross-check", "다른 해법기로 교차 검증", "a second solver, or no presolve",
                ("search/cross_check.py",), "CBC agrees: 111,952.3",
            ),
            Box(
                "Independent verification", "원자료로 독립 검증", "raw tables, raw grid case",
                ("portfolio/verification.py", "grid/verification.py"), "no limit broken",
            ),
        ),
        (("down", "proven plan 증명된 배치안"),),
    ),
    Band(
        "Ranked", "순위", "#f3e6f2",
        (
            Box(
                "Forced-out, forced-in re-optimization", "강제 제외·강제 포함 재최적화",
                "value and regret: differences of optima",
                ("ranking/rank.py", "ranking/forced_site.py"),
                "9 chosen and 62 others exact",
            ),
            Box(
                "Bounds and rank intervals", "하한·상한과 순위 구간",
                "reduced costs, relaxation with the site",
                ("bounds/core_problem.py", "report/rank_ranges.py"),
                "4,412 bounded, 219 impossible",
            ),
        ),
        (("down", "ranking, pool of plans 순위와 해 모음"),),
    ),
    Band(
        "Explained", "설명", "#f8e6e0",
        (
            Box(
                "Near-optimal plans (MGA)", "준최적 대안",
                "Brill, Chang, Hopkins 1982", ("postoptimal/alternatives.py",),
                "no shared site for 0.09 % more",
            ),
            Box(
                "Pareto front", "파레토 경계(입실론 제약법)", "Haimes, Lasdon, Wismer 1971",
                ("postoptimal/pareto.py",),
            ),
            Box(
                "Marginal values", "한계가치(잠재가격)", "by re-optimization",
                ("postoptimal/marginal_values.py",),
            ),
            Box(
                "Break-even", "손익분기 변화량", "least cost cut or headroom",
                ("postoptimal/break_even.py",),
            ),
            Box(
                "No plan: conflict (IIS)", "해 없음: 최소 모순 제약집합", "Chinneck 2008",
                ("infeasibility/deletion_filter.py",),
            ),
            Box(
                "No plan: least violation", "해 없음: 최소 위반(완화 계획)",
                "Chinneck, Dravnieks 1991", ("infeasibility/least_violation.py",),
            ),
        ),
    ),
)  # fmt: skip

_TITLE: Final = "How siteopt finds, bounds, proves, ranks and explains a plan (해법의 흐름)"
_NOTE: Final = (
    "Figures of national-2035, in bn KRW (수치는 national-2035, 십억 원). "
    "Folders are those of siteopt/portfolio/ and siteopt/."
)


def svg() -> str:
    """Return the figure."""
    parts: list[str] = []
    top = _HEAD
    for band in BANDS:
        height = _band_height(band)
        parts += _drawn_band(band, top, height)
        top += height
        if band.onward:
            parts += _drawn_flow(band, top)
            top += _BETWEEN
    height = top + 40
    description = "; ".join(
        f"{band.en} ({band.ko}): " + ", ".join(box.en for box in band.boxes) for band in BANDS
    )
    head = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img" aria-labelledby="title desc">'
        ),
        f'<title id="title">{escape(_TITLE)}</title>',
        f'<desc id="desc">{escape(description)}.</desc>',
        (
            f"<style>text{{font-family:{_FONTS};fill:#1c2430}}"
            ".head{font-size:19px;font-weight:700}.sub{font-size:13px;fill:#465063}"
            ".band{font-size:17px;font-weight:700}.ko{font-size:13.5px}.en{font-size:14px;"
            "font-weight:700}.source{font-size:12.5px;font-style:italic;fill:#465063}"
            ".module{font-family:'DejaVu Sans Mono',Consolas,monospace;font-size:11px;fill:#2b4a86}"
            ".measured{font-size:13px;font-weight:600;fill:#8a3b12}"
            ".flow{font-size:13.5px;font-weight:600}</style>"
        ),
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(20, 34, "From a question to a proven, ranked and explained plan", "head"),
        _text(20, 56, "질문에서 증명되고 순위와 이유가 붙은 배치안까지", "sub"),
    ]
    foot = [_text(20, height - 14, _NOTE, "sub"), "</svg>"]
    return "\n".join([*head, *parts, *foot]) + "\n"


def _drawn_flow(band: Band, top: int) -> list[str]:
    parts = []
    for place, (way, words) in enumerate(band.onward):
        x = 10 + _LABEL + 40 + place * (_WIDTH - _LABEL) / 2
        begin, end = (
            (top + 6, top + _BETWEEN - 6) if way == "down" else (top + _BETWEEN - 6, top + 6)
        )
        head = end - 8 if way == "down" else end + 8
        parts += [
            f'<path d="M{x:g} {begin}V{head}" stroke="#1c2430" stroke-width="2.5" fill="none"/>',
            f'<path d="M{x - 7:g} {head}h14L{x:g} {end}z" fill="#1c2430"/>',
            _text(x + 18, top + 28, words, "flow"),
        ]
    return parts


def _rows(band: Band) -> list[tuple[Box, ...]]:
    """Return the boxes of a band, at most three side by side."""
    return [band.boxes[begin : begin + 3] for begin in range(0, len(band.boxes), 3)]


def _box_height(row: tuple[Box, ...]) -> int:
    return max(66 + _LINE * len(box.modules) + (20 if box.measured else 0) for box in row)


def _band_height(band: Band) -> int:
    return _GAP + sum(_box_height(row) + _GAP for row in _rows(band))


def _drawn_band(band: Band, top: int, height: int) -> list[str]:
    parts = [
        (
            f'<rect x="10" y="{top}" width="{_WIDTH - 20}" height="{height}" rx="8" '
            f'fill="{band.colour}"/>'
        ),
        _text(22, top + 32, band.en, "band"),
        _text(22, top + 54, band.ko, "ko"),
    ]
    y = top + _GAP
    for row in _rows(band):
        room = _WIDTH - 20 - _LABEL - _GAP
        width = (room - _GAP * (len(row) - 1)) / len(row)
        for place, box in enumerate(row):
            x = 10 + _LABEL + place * (width + _GAP)
            parts += _drawn_box(box, x, y, width, _box_height(row))
        y += _box_height(row) + _GAP
    return parts


def _drawn_box(box: Box, x: float, y: int, width: float, height: int) -> list[str]:
    parts = [
        (
            f'<rect x="{x:g}" y="{y}" width="{width:g}" height="{height}" rx="5" fill="#ffffff" '
            'stroke="#6b7688"/>'
        ),
        _text(x + 10, y + 20, box.en, "en"),
        _text(x + 10, y + 38, box.ko, "ko"),
        _text(x + 10, y + 55, box.source, "source"),
    ]
    line = y + 55
    for module in box.modules:
        line += _LINE
        parts.append(_text(x + 10, line, module, "module"))
    if box.measured:
        parts.append(_text(x + 10, line + 20, box.measured, "measured"))
    return parts


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>'


if __name__ == "__main__":
    FIGURE.write_text(svg(), encoding="utf-8")
