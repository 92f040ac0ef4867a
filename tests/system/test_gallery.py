"""The mails in a real browser: what `mailroom templates preview` shows, and whether people can read it.

`make screenshots` runs this with SCREENSHOTS=docs/images, where the pictures of the documentation are kept.
"""

import html
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.editions import compiled
from cli.gallery import DARK, gallery
from tests.system.pictures import SECONDS, picture

MAILROOM = Path(sys.executable).with_name("mailroom")
WIDTHS = {"small phone": 320, "phone": 375, "desktop": 680}
LIGHT_PAGE, DARK_PAGE, BUTTON = (0xF2, 0xF4, 0xF6), (0x10, 0x12, 0x14), (0x1F, 0x5F, 0xD0)
PAGES = (LIGHT_PAGE, DARK_PAGE)
PICTURED = {("receipt", "en"): 820, ("delivery-update", "de"): 800, ("one-time-code", "en"): 590}  # pixels high


@pytest.fixture(scope="session")
def mails():
    with compiled("local") as found:
        yield [(edition, found.rendered(edition)) for edition in found.editions]


def test_the_gallery_shows_mails_light_and_dark(browser, tmp_path):
    command = [str(MAILROOM), "templates", "preview", "receipt", "--output", str(tmp_path)]
    page = Path(subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout.strip())
    colors = picture(browser, page, tmp_path / "gallery.png", shows=PAGES, width=1140, height=4200, scale=0.25)
    area = sum(colors.values())
    assert colors[LIGHT_PAGE] > area / 50
    assert colors[DARK_PAGE] > area / 50
    assert colors[BUTTON] > area / 1000


def test_every_mail_fits_its_window_and_can_be_read_light_and_dark(browser, mails, tmp_path):
    frames = [
        f'<iframe title="{edition.name} {edition.locale}, {scheme}, {name}" width="{width}" height="900" '
        f'style="color-scheme:{scheme};border:0" srcdoc="{html.escape(mail.html.replace(DARK, media))}"></iframe>'
        for edition, mail in mails
        for scheme, media in {"light": "not all", "dark": "all"}.items()
        for name, width in WIDTHS.items()
    ]
    script = Path(__file__).with_name("measure.js").read_text()
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><script>{script}</script>{"".join(frames)}')
    printed = browser(page, "--dump-dom")
    measured = json.loads(html.unescape(printed.partition("<pre>")[2].partition("</pre>")[0]))
    assert len(measured) == len(mails) * 2 * len(WIDTHS)
    assert [found["mail"] for found in measured if found["texts"] < 3] == []
    assert [found for found in measured if found["overflow"] > 0 or found["unreadable"]] == []


@pytest.mark.parametrize(("name", "locale"), PICTURED)
def test_pictures_for_the_documentation_show_a_mail_light_and_dark(browser, mails, tmp_path, name, locale):
    kept, height = os.environ.get("SCREENSHOTS"), PICTURED[name, locale]
    page, png = tmp_path / "page.html", Path(kept or tmp_path, f"templates-{name}.png").resolve()
    shown = [(edition, mail) for edition, mail in mails if (edition.name, edition.locale) == (name, locale)]
    page.write_text(gallery(shown, height=height))
    picture(browser, page, png, shows=PAGES, width=1140, height=2 * height + 170, scale=1 if kept else 0.25)
    assert png.stat().st_size < 200_000
