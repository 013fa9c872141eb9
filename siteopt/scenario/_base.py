"""Base of all scenario models: strictness, names, texts in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["NO_ANSWER", "Model", "Name", "Text", "moves_no_answer"]

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A short name, used for files and ids."""


class _NoAnswer:
    """Mark of a setting that moves no answer."""


NO_ANSWER: Final = _NoAnswer()
"""Annotation of a setting that bounds what a run takes: stages that read it need not run again."""


def moves_no_answer(field: FieldInfo) -> bool:
    """Return whether a setting is marked so.

    Parameters
    ----------
    field : FieldInfo
        Field of a model.
    """
    return any(mark is NO_ANSWER for mark in field.metadata)


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
