"""How the documentation is built: `make docs`, into a folder that opens without any network."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

logging.getLogger("numexpr").setLevel(logging.WARNING)  # it says how many threads it takes

import siteopt  # noqa: E402,F401 - an import that fails here says more than one inside autodoc

project = "siteopt"
author = "siteopt"
project_copyright = "siteopt, MIT; layers under the licences of the data page"
language = "en"

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "site_builder"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
# The words of a link to a heading of another page are checked as those of a page are.
nitpicky = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types and units in words
autosummary_generate = False  # pages name what they document
numpydoc_show_class_members = False
numpydoc_use_plots = False

html_theme = "furo"
html_title = "siteopt"
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # a page opened from a folder may not read another
html_last_updated_fmt = None  # the same sources give the same pages
html_static_path = ["static"]
html_css_files = ["tables.css"]
_FONTS = '"Pretendard", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", system-ui, sans-serif'
html_theme_options = {
    "light_css_variables": {"font-stack": _FONTS},
    "dark_css_variables": {"font-stack": _FONTS},
}
