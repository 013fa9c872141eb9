"""Base of all scenario models: strictness, names, texts in two languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Model", "Name", "Text"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A short name, used for files and ids."""


class Model(BaseModel):
    """Base of all scenario models: unknown keys and non-finite numbers are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Text(Model):
    """A text in Korean and English, side by side."""

    ko: str
    """Korean text."""
    en: str
    """English text."""
