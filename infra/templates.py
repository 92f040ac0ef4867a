"""The mails of templates/ as functions find them: MJML compiled to HTML, the rest as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import mrml

TEMPLATES = Path(__file__).parent.parent / "templates"


class BrokenTemplate(Exception):
    """A body.mjml does not compile; the message says which and where."""

    def __init__(self, source: Path, reason: str) -> None:
        super().__init__(f"templates/{source.parent.name}/{source.name} is not valid MJML: {reason}")


def compile_templates(target: Path, source: Path = TEMPLATES) -> None:
    """Write `<name>/{subject.txt,body.html,body.txt}` of every mail into `target`, as functions find them."""
    shared = {f"../{path.name}": path.read_text(encoding="utf-8") for path in source.glob("_*.mjml")}
    for text in source.glob("*/*.txt"):
        shutil.copyfile(text, _place(target, text))
    for mjml in source.glob("*/*.mjml"):
        _place(target, mjml).with_suffix(".html").write_text(_html(mjml, shared), encoding="utf-8")


def _place(target: Path, source: Path) -> Path:
    folder = target / source.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder / source.name


def _html(source: Path, shared: dict[str, str]) -> str:
    """The mail's HTML; minijinja's {{…}} and {%…%} are text to MJML and stay as they are.

    `shared` is what mails include, under the path by which their <mj-include> names it.
    """
    try:
        options = mrml.ParserOptions(include_loader=mrml.memory_loader(shared))
        return mrml.to_html(source.read_text(encoding="utf-8"), options).content
    except OSError as error:  # what mrml raises for a parse error
        raise BrokenTemplate(source, str(error)) from error
