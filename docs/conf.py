"""Configure Sphinx for the report. Nothing here depends on the day or the machine: two builds give the same files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Reproducible Wheels"
author = "The Reproducible Wheels contributors"
extensions = ["myst_parser", "wheelreport"]
exclude_patterns = ["_build", "_ext", "_templates", "results", "runs"]
templates_path = ["_templates"]
source_suffix = {".md": "markdown"}
nitpicky = True

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

# Where the site will be, for addresses that have to be complete: the sitemap, feeds, badges to copy.
html_baseurl = os.environ.get("REPORT_URL", "")
# Where the repository is, for links to it; the site works without.
wheelreport_source = os.environ.get("REPORT_SOURCE", "")
html_theme = "furo"
html_title = "Reproducible Wheels"
html_static_path = ["_static"]
html_css_files = ["colours.css", "wheelreport.css"]
html_js_files = [("wheelreport.js", {"defer": "defer"})]
html_favicon = "_static/mark.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_search_summary = False  # a page that was opened from a file cannot fetch the others
html_use_index = False
html_last_updated_fmt = None

# One colour per status, as text on the page's background (contrast 4.5 or more) in each scheme. The shapes are in the style sheet.
_LIGHT = {
    "wr-reproducible": "#0a6b50",
    "wr-repeatable": "#1a5f9e",
    "wr-environment-dependent": "#8a5300",
    "wr-unreproducible": "#a01f5c",
    "wr-build-failed": "#7b4030",
    "wr-excluded": "#5a5f6d",
    "wr-not-checked": "#5a5f6d",
    "wr-line": "#dfe2e8",
    "wr-surface": "#f6f7f9",
    "wr-tint": "9%",
    "color-code-background": "#f2f2f2",
    "color-code-foreground": "#1e1e1e",
    "color-brand-primary": "#14565c",
    "color-brand-content": "#0f6068",
    "color-brand-visited": "#4b4a86",
}
_DARK = {
    "wr-reproducible": "#58cfa5",
    "wr-repeatable": "#7fb9f5",
    "wr-environment-dependent": "#eab04a",
    "wr-unreproducible": "#f58bb8",
    "wr-build-failed": "#e3a58c",
    "wr-excluded": "#a9b0be",
    "wr-not-checked": "#a9b0be",
    "wr-line": "#30343b",
    "wr-surface": "#1b1e22",
    "wr-tint": "14%",
    "color-code-background": "#202020",
    "color-code-foreground": "#d0d0d0",
    "color-brand-primary": "#7fd0d4",
    "color-brand-content": "#7fd0d4",
    "color-brand-visited": "#b3b1ee",
}
html_theme_options = {
    "light_css_variables": _LIGHT,
    "dark_css_variables": _DARK,
    "light_logo": "mark.svg",
    "dark_logo": "mark.svg",
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/pages.html",
        "sidebar/scroll-end.html",
    ]
}
