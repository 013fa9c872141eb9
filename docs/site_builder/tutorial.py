"""The tutorial as pages: the notebook is run, and its texts, code and outputs are written down.

``make tutorial`` writes ``docs/tutorial.md`` and ``docs/ko/tutorial.md`` with their pictures;
``--check`` runs the notebook and fails where the pages say something else. Each language has the
paragraphs, figures and the memo that are in it.
"""

from __future__ import annotations

import base64
import difflib
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

__all__ = ["NOTEBOOK", "PAGES", "code_of", "page_of"]

_ROOT: Final = Path(__file__).resolve().parents[2]
NOTEBOOK: Final = _ROOT / "notebooks" / "07-question-to-memo.ipynb"
PAGES: Final = {"en": _ROOT / "docs" / "tutorial.md", "ko": _ROOT / "docs" / "ko" / "tutorial.md"}
_PICTURES: Final = _ROOT / "docs" / "tutorial"
_HANGUL: Final = re.compile("[가-힣]")
_STYLE: Final = re.compile(r"<style.*?</style>\n?", re.DOTALL)
_TIMEOUT_S: Final = 900
_QUALITY: Final = 85
_OTHER: Final = {"en": "-ko", "ko": "-en"}
_NOTE: Final = {
    "en": "This page is `notebooks/07-question-to-memo.ipynb` with its outputs; `make tutorial` runs "
    "it and writes the page. The numbers are a model's estimate from public data.",
    "ko": "이 문서는 `notebooks/07-question-to-memo.ipynb`를 실행한 결과이며 `make tutorial`이 다시 "
    "만듭니다. 수치는 공개 자료로 계산한 모형 추정입니다.",
}
_ALT: Final = {"en": "Map that the cell above draws", "ko": "위의 코드가 그린 지도"}

Cell = dict[str, Any]
Pictures = dict[str, bytes]


def code_of(cells: list[Cell], language: str) -> list[str]:
    """Return the code that a page shows: all but the memo in the other language.

    Parameters
    ----------
    cells : list of dict
        Of the notebook.
    language : {'en', 'ko'}
        Of the page.
    """
    other = _OTHER[language]
    return [
        _source(cell)
        for cell in cells
        if cell["cell_type"] == "code" and not cell["id"].endswith(other)
    ]


def page_of(cells: list[Cell], language: str) -> tuple[str, Pictures]:
    """Return the page of a notebook that was run, and its pictures as PNG by their file.

    Parameters
    ----------
    cells : list of dict
        With their outputs.
    language : {'en', 'ko'}
        Of the page.
    """
    parts, pictures = [], {}
    for cell in cells:
        if cell["cell_type"] == "markdown":
            parts += _texts(_source(cell), language)
        elif not cell["id"].endswith(_OTHER[language]):
            parts.append(f"```python\n{_source(cell)}\n```")
            for output in cell["outputs"]:
                part, png = _shown(output, f"tutorial-{cell['id']}-{language}.webp", language)
                parts += part
                pictures |= png
    parts.insert(1, _NOTE[language])
    return "\n\n".join(parts) + "\n", pictures


def _source(cell: Cell) -> str:
    return "".join(cell["source"])


def _texts(markdown: str, language: str) -> list[str]:
    """Return the paragraphs in a language, and headings without the other one."""
    said = []
    for part in markdown.split("\n\n"):
        if part.startswith("#"):
            marks, _, heading = part.partition(" ")
            korean, _, english = heading.partition(" / ")
            korean = korean if marks != "#" else re.sub(r"^\d+\. ", "", korean)
            number = re.match(r"\d+\. ", korean)
            english = f"{number[0]}{english}" if number else english
            said.append(f"{marks} {korean if language == 'ko' else english}")
        elif bool(_HANGUL.search(part)) == (language == "ko"):
            said.append(part)
    return said


def _shown(output: Cell, file: str, language: str) -> tuple[list[str], Pictures]:
    """Return what a page has of an output, and the picture in it."""
    if output["output_type"] == "stream":
        text = "".join(output["text"]).rstrip()
        return ([f"```text\n{text}\n```"] if output["name"] == "stdout" else []), {}
    data = {kind: "".join(value) for kind, value in output.get("data", {}).items()}
    if "image/png" in data:
        away = "../" if language == "ko" else ""
        picture = f"![{_ALT[language]}]({away}tutorial/{file})"
        return [picture], {file: base64.b64decode(data["image/png"])}
    if "text/markdown" in data:
        lines = data["text/markdown"].strip().splitlines()
        return ["\n".join(f"> {line}".rstrip() for line in lines)], {}
    if "text/html" in data:
        table = _STYLE.sub("", data["text/html"]).replace(' style="text-align: right;"', "")
        return [f"```{{raw}} html\n{table}\n```"], {}
    return [f"```text\n{data['text/plain']}\n```"], {}


def _executed(language: str) -> list[Cell]:
    """Return the cells of the notebook with their outputs, with figures in a language."""
    import nbformat  # noqa: PLC0415 - only the command runs notebooks
    from nbclient import NotebookClient  # noqa: PLC0415

    os.environ["NOTEBOOK_LANGUAGE"] = language
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=_TIMEOUT_S, resources=where).execute()
    cells: list[Cell] = json.loads(nbformat.writes(notebook))["cells"]
    return cells


def _write_picture(png: bytes, file: Path) -> None:
    from PIL import Image  # noqa: PLC0415 - only the command draws

    Image.open(io.BytesIO(png)).convert("RGB").save(file, quality=_QUALITY, method=6)


def _main(check: bool) -> int:  # noqa: FBT001 - the one switch of the command
    differs = 0
    _PICTURES.mkdir(exist_ok=True)
    for language, file in PAGES.items():
        page, pictures = page_of(_executed(language), language)
        if check:
            was = file.read_text(encoding="utf-8").splitlines()
            lines = list(difflib.unified_diff(was, page.splitlines(), file.name, "run again", n=1))
            sys.stdout.writelines(f"{line}\n" for line in lines)
            differs += bool(lines)
            continue
        file.parent.mkdir(exist_ok=True)
        file.write_text(page, encoding="utf-8", newline="\n")
        for name, png in pictures.items():
            _write_picture(png, _PICTURES / name)
    return min(differs, 1)


if __name__ == "__main__":
    sys.exit(_main(check="--check" in sys.argv[1:]))
