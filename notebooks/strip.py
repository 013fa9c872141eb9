"""Take outputs, counts and metadata of an editor out of notebooks: `python notebooks/strip.py`.

Only the standard library, so that `make format` needs no Jupyter. What is written is what
nbformat writes, so a notebook saved in Jupyter and stripped differs by its edits alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

__all__ = ["stripped"]

_METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def stripped(text: str) -> str:
    """Return a notebook without outputs, execution counts and metadata of an editor."""
    notebook = json.loads(text)
    notebook["metadata"] = _METADATA
    for cell in notebook["cells"]:
        _strip(cell)
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _strip(cell: dict[str, Any]) -> None:
    cell["metadata"] = {}
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None
    if isinstance(cell["source"], str):
        cell["source"] = cell["source"].splitlines(keepends=True)


def _main() -> None:
    for path in sorted(Path(__file__).parent.glob("*.ipynb")):
        before = path.read_text(encoding="utf-8")
        after = stripped(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"stripped {path.name}")


if __name__ == "__main__":
    _main()
