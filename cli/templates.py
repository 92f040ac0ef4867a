"""`mailroom templates`: the mails that can be sent, as they will look, and what mail programs make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.editions import ENGLISH, Edition, Mails, NoTemplates, compiled
from cli.gallery import gallery
from cli.output import as_json, line, print_json, show, table
from cli.template_rules import faults, for_marketing
from lambdas.shared.outbox.render import NotRendered

GALLERY = Path(".mailroom", "gallery")


@click.command("list")
@as_json
@click.pass_obj
def list_templates(stage: str, *, as_json: bool) -> None:
    """List the templates, their languages and variables.

    Those for marketing show a link to unsubscribe. A variable's sample value is in the template's sample.json;
    docs/templates.md tells which may be left out.
    """
    with compiled(stage) as mails:
        rows = [
            {
                "name": english.name,
                "locales": [edition.locale for edition in mails.editions if edition.name == english.name],
                "variables": list(english.sample),
                "marketing": for_marketing(mails, english.name),
            }
            for english in mails.editions
            if english.locale == ENGLISH
        ]
    if as_json:
        print_json(rows)
    else:
        show(table(("template", "languages", "marketing", "variables"), map(_cells, rows), whole=("template",)))


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    marketing = "yes" if row["marketing"] else "no"
    return (row["name"], ", ".join(row["locales"]), marketing, ", ".join(row["variables"]))


@click.command("check")
@as_json
@click.pass_obj
def check_templates(stage: str, *, as_json: bool) -> None:
    """Check the templates against what mail programs demand.

    Renders each in every language with its sample data: all parts there, names spelt alike, HTML under 102 KB,
    preheader, alt texts, https links, no script, nothing loaded from elsewhere. One that shows a link to unsubscribe
    has to keep Google's, Yahoo's and Microsoft's rules for marketing. Exit status 1 if anything is wrong.
    """
    with compiled(stage) as mails:
        checked = [(edition, faults(mails, edition)) for edition in mails.editions]
    found = [
        {"template": edition.name, "locale": edition.locale, "fault": fault}
        for edition, said in checked
        for fault in said
    ]
    if as_json:
        print_json({"checked": len(checked), "faults": found})
    else:
        for fault in found:
            click.echo(line(f"{fault['template']} ({fault['locale']}): {fault['fault']}"))
        click.echo(f"{len(checked)} mails checked, {len(found)} {'fault' if len(found) == 1 else 'faults'}.")
    if found:
        raise SystemExit(1)


@click.command("preview")
@click.argument("name", required=False)
@click.option("--locale", metavar="TAG", help="Only this language, such as de; default: all.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=GALLERY,
    show_default=True,
    metavar="FOLDER",
    help="Where to write the page.",
)
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
@as_json
@click.pass_obj
def preview_templates(
    stage: str, name: str | None, locale: str | None, output: Path, *, opened: bool, as_json: bool
) -> None:
    """Write a page that shows how mails will look.

    All of them, or only NAME: subject, text, and HTML at desktop and phone width, light and dark, with the stage's
    brand and the sample data.

    \b
    Examples:
      mailroom templates preview --open
      mailroom --stage example templates preview receipt --locale de
    """
    with compiled(stage) as mails:
        try:
            page = gallery([(edition, mails.rendered(edition)) for edition in chosen(mails, name, locale)])
        except NotRendered as error:
            raise NoTemplates(str(error)) from None
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"{name or 'index'}.html"
    path.write_text(page, encoding="utf-8")
    if as_json:
        print_json({"page": str(path.resolve())})
    else:
        click.echo(path)
    if opened:
        click.launch(path.resolve().as_uri())


def chosen(mails: Mails, name: str | None, locale: str | None) -> list[Edition]:
    for option, value, there in (
        ("NAME", name, {edition.name for edition in mails.editions}),
        ("--locale", locale, {edition.locale for edition in mails.editions if name in (None, edition.name)}),
    ):
        if value is not None and value not in there:
            raise click.BadParameter(f"{value!r} is not one of {', '.join(sorted(there))}.", param_hint=option)
    return [edition for edition in mails.editions if name in (None, edition.name) and locale in (None, edition.locale)]
