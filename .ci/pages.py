"""Puts maps and documentation into one folder that is published; the list of maps comes first."""

from __future__ import annotations

import html
import json
import shutil
import sys
from pathlib import Path
from typing import Final

FILES: Final = (
    "map.html",
    "ranking.csv",
    "ranking.csvt",
    "ranking.xlsx",
    "sites.gpkg",
    "sites.parquet",
    "eligibility.tif",
    "eligibility.qml",
    "portfolio.json",
    "run.json",
)
"""What is published of a run, where it is there; the first is the map."""

PAGE: Final = """\
<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>siteopt 지도</title>
<style>
body {{ font: 1rem/1.6 "Pretendard", "Noto Sans KR", "Malgun Gothic", system-ui, sans-serif;
  max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }}
li {{ margin: .75rem 0; }}
</style>
</head>
<body>
<h1>AI 데이터센터 입지 지도</h1>
<p>전력 여유용량과 계통 결과는 공개 자료에 근거한 모형 추정이며, 인허가나 한국전력의 공식 값이 아닙니다.<br>
<span lang="en">Headroom and grid figures are model estimates on public data, not a permit and not
figures of KEPCO.</span></p>
<ul>
{items}
</ul>
<p><a href="docs/index.html">문서 (Documentation)</a></p>
</body>
</html>
"""


def _item(run: Path) -> str:
    """Return the entry of a run in the list of maps."""
    title = json.loads((run / "run.json").read_text(encoding="utf-8"))["scenario"]["title"]
    files = [name for name in FILES[1:] if (run / name).is_file()]
    home = f"maps/{run.name}"
    links = ", ".join(f'<a href="{home}/{name}">{name}</a>' for name in files)
    return (
        f'<li><a href="{home}/{FILES[0]}">{html.escape(title["ko"])}</a><br>'
        f'<span lang="en">{html.escape(title["en"])}</span><br>{links}</li>'
    )


def gather(docs: Path, runs: Path, out: Path) -> None:
    """Write the folder anew.

    Parameters
    ----------
    docs, runs : Path
        The built pages, and the folder with a folder for each run.
    out : Path
        Is replaced as a whole.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(docs, out / "docs")
    finished = sorted(path.parent for path in runs.glob("*/map.html"))
    for run in finished:
        target = out / "maps" / run.name
        target.mkdir(parents=True)
        for name in FILES:
            if (run / name).is_file():
                shutil.copyfile(run / name, target / name)
    page = PAGE.format(items="\n".join(_item(run) for run in finished))
    (out / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    gather(*(Path(argument) for argument in sys.argv[1:4]))
