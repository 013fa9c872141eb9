"""Tables of Markdown."""

from __future__ import annotations

__all__ = ["cell", "table"]


def cell(text: str) -> str:
    """Return a text that cannot break a table."""
    return " ".join(text.replace("|", r"\|").replace("<", "&lt;").replace("``", "`").split())


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
