"""Base of all scenario models: strictness, names, texts in two languages."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["STRICT", "Name", "Text"]

STRICT: Final = ConfigDict(
    extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
)
"""Of all scenario models: unknown keys and non-finite numbers are errors."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A short name, used for files and ids."""


class Text(BaseModel):
    """A text in Korean and English, side by side."""

    model_config = STRICT

    ko: str
    """Korean text."""
    en: str
    """English text."""
