"""Draw the pictures that other sites show of a page that is linked there: one per status and one for the site.

Run it after a change of the words or colours; needs the packages of the tests and Chromium, whose path CHROMIUM may give.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

from wheelreport import badges, cards, words  # noqa: E402

_PAGE = """<!doctype html><meta charset="utf-8"><style>
* {{ margin: 0; box-sizing: border-box; }}
body {{ width: 1200px; height: 630px; padding: 80px 90px; font-family: "Liberation Sans", "DejaVu Sans", sans-serif; color: #14181d;
  background: #fff; border-bottom: 28px solid {colour}; display: flex; flex-direction: column; }}
header {{ display: flex; align-items: center; gap: 28px; font-size: 38px; color: #4a5058; }}
header svg {{ width: 84px; height: 84px; }}
h1 {{ margin-top: auto; display: flex; align-items: center; gap: 34px; font-size: {size}px; line-height: 1.1; color: {colour}; }}
h1 svg {{ width: 84px; height: 84px; flex: none; fill: {colour}; }}
p {{ margin: 34px 0 20px; font-size: 36px; line-height: 1.35; max-width: 960px; }}
</style><header>{mark}{site}</header><h1>{shape}<span>{title}</span></h1><p>{sentence}</p>"""


def _shapes() -> dict[str, str]:
    """Return the drawing of each status from the style sheet, so that cards and pages show the same."""
    style = (DOCS / "_static/wheelreport.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--wr-shape-([a-z-]+): url\('data:image/svg\+xml,(<svg.*?</svg>)'\)", style))


def main() -> None:
    """Write the pictures."""
    shapes, mark = _shapes(), (DOCS / "_static/mark.svg").read_text(encoding="utf-8")
    told = {"site": ("", cards.SITE, cards.ABOUT, "#14565c", 92)}
    for key, word in words.STATUSES.items():
        told[key] = (shapes[key], word.label, word.sentence, badges.COLOURS.get(key, badges.GREY), 80)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": int(cards.SIZE[0]), "height": int(cards.SIZE[1])})
        for name, (shape, title, sentence, colour, size) in told.items():
            values = {"title": escape(title), "sentence": escape(sentence), "site": cards.SITE if shape else ""}
            page.set_content(_PAGE.format(mark=mark, shape=shape, colour=colour, size=size, **values))
            target = DOCS / "_static/cards" / f"{name}.png"
            target.parent.mkdir(exist_ok=True)
            page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
