r"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network.

Pages write them as on GitHub, ``$x$`` inside a line and ``$$ ... $$`` for a formula of its own. A
label after it, ``$$ ... $$ (label)``, gives it the next number of the page, which ``{eq}`label```
refers to; ``\tag{3}`` gives it a number by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

__all__ = ["add_formulas", "as_mathml", "split_number"]

_BRACE: Final = re.compile(r"<mo>([{}])</mo>")
_TAG: Final = re.compile(r"\\tag\{(?P<number>[^{}]*)\}")


def as_mathml(tex: str, *, own_line: bool) -> str:
    """Return the MathML of a formula.

    Raises
    ------
    ValueError
        If docutils cannot read it.
    """
    try:
        made = str(tex2mathml(tex.strip(), as_block=own_line))
    except MathError as error:
        raise ValueError(f"formula {tex.strip()!r} cannot be read: {error}") from error
    if r"\left" not in tex:  # braces grow only where they are asked to, as brackets do
        made = _BRACE.sub(r'<mo stretchy="false">\1</mo>', made)
    return made


def split_number(tex: str) -> tuple[str, str]:
    r"""Return a formula without its ``\tag{...}``, and the number in it."""
    found = _TAG.search(tex)
    return (_TAG.sub("", tex), found["number"]) if found else (tex, "")


def _where(translator: HTML5Translator, error: Exception) -> ExtensionError:
    return ExtensionError(f"{translator.builder.current_docname}: {error}")


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    try:
        translator.body.append(as_mathml(node.astext(), own_line=False))
    except ValueError as error:
        raise _where(translator, error) from error
    raise nodes.SkipNode


def _displayed(translator: HTML5Translator, node: nodes.math_block) -> None:
    tex, by_hand = split_number(node.astext())
    try:
        formula = as_mathml(tex, own_line=True)
    except ValueError as error:
        raise _where(translator, error) from error
    number = node.get("number") or by_hand
    label = f'<span class="number">({number})</span>' if number else ""
    anchor = f' id="equation-{by_hand}"' if by_hand else ""  # Sphinx puts that of a label before it
    translator.body.append(f'<div class="formula"{anchor}>{formula}{label}</div>\n')
    raise nodes.SkipNode


def add_formulas(app: Sphinx) -> None:
    """Let Sphinx write formulas this way."""
    app.add_html_math_renderer("mathml", (_inline, None), (_displayed, None))
    app.config.html_math_renderer = "mathml"
