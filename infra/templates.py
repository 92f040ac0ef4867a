"""The mails of templates/ as functions find them: MJML compiled to HTML, translations completed, the rest as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import mrml

from lambdas.shared.outbox.render import FILTERED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEMPLATES = Path(__file__).parent.parent / "templates"
INCLUDE = re.compile(r'<mj-include path="(?:\.\./)+(_[a-z-]+\.mjml)" />')
LINK = re.compile(r'\s(?:href|src|background|action)="([^"]*)"')
# What a link may be: the filter that lets only web addresses through, or an address that is no variable.
SAFE_LINK = re.compile(r"\{\{ [a-z_.]+ \| url \}\}|https://[^{}]+|mailto:[^{}]+")

# Inlining CSS reads HTML as browsers do, which move text that stands between a table's rows out of it, but no comments.
# MJML makes tables of everything, so what <mj-raw> holds stands there too.
BETWEEN_ROWS = re.compile(r"<mj-(table|raw).*?</mj-\1>", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}")
COMMENTED_TAG = re.compile(rf"<!--({TAG.pattern})-->")
NO_FONTS = mrml.RenderOptions(fonts={})  # else it links Google's for families that it knows, such as Roboto
FILTER = re.compile(r"\|\s*(url|text|lines|choose)\b")


class BrokenTemplate(Exception):
    """A template does not compile; the message says which, where and why."""


def compile_templates(target: Path, source: Path = TEMPLATES) -> None:
    """Write into `target` what functions find: `<name>/{subject.txt,body.html,body.txt}` of every mail in English,
    the same under `<name>/<locale>/` for each translation, and what texts include."""
    shared = {path.name: path.read_text(encoding="utf-8") for path in source.glob("_*")}
    texts = {name: text for name, text in shared.items() if name.endswith(".txt")}
    for mail in sorted(path for path in source.iterdir() if path.is_dir()):
        for place, files in editions(mail):
            texts |= {f"{place}/{file.name}": file.read_text(encoding="utf-8") for file in files.values()}
    for name, text in texts.items():
        if len(FILTER.findall(text)) != len(FILTERED.findall(text)):
            raise BrokenTemplate(f"templates/{name}: url, text, lines and choose stand right behind a variable's name")
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".mjml":
            path.with_suffix(".html").write_text(_html(name, text, shared), encoding="utf-8")
        else:
            path.write_text(text, encoding="utf-8")


def editions(mail: Path) -> Iterator[tuple[str, dict[str, Path]]]:
    """A mail in every language: its place, and its files by name; what a translation leaves out is the English one."""
    english = _files(mail)
    yield mail.name, english
    for translation in sorted(path for path in mail.iterdir() if path.is_dir()):
        yield f"{mail.name}/{translation.name}", english | _files(translation)


def _files(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir() if path.suffix in {".txt", ".mjml"}}


def _html(name: str, mjml: str, shared: Mapping[str, str]) -> str:
    """The mail's HTML; minijinja's {{…}} and {%…%} are text to MJML and stay as they are."""
    try:
        # Not by mrml's own includes, in which it forgets how wide a section is (0.2.4).
        whole = INCLUDE.sub(lambda include: shared[include[1]], mjml)
        whole = BETWEEN_ROWS.sub(lambda rows: TAG.sub(r"<!--\g<0>-->", rows[0]), whole)
        html = mrml.to_html(whole, render_options=NO_FONTS).content
    except KeyError as missing:
        raise BrokenTemplate(f"templates/{name} includes {missing}, which is not in templates/") from None
    except OSError as error:  # what mrml raises for a parse error
        raise BrokenTemplate(f"templates/{name} is not valid MJML: {error}") from error
    html = COMMENTED_TAG.sub(r"\1", html)
    for link in LINK.findall(html):
        if not SAFE_LINK.fullmatch(link):
            raise BrokenTemplate(f'templates/{name} links to "{link}": write {{{{ link | url }}}} or an https address')
    return html
