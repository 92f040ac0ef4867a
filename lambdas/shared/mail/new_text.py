"""What the author newly wrote, from the text and the HTML of a mail."""

from dataclasses import dataclass

from lambdas.shared.mail import html_quotes, html_text, limits, quotes, signature
from lambdas.shared.mail.bodies import Bodies


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    reply: str
    signature: str | None


def read(shown: Bodies, author: str, *, by_person: bool) -> Written:
    """The new text and the signature; a mail that is not `by_person` has none.

    The marks in the HTML are surer than what plain text looks like, so they go first where there are any.
    """
    text = shown.shown
    if text is None:
        return Written(reply="", signature=None)
    if not by_person:
        return Written(reply=quotes.remove(text), signature=None)
    if shown.html is not None and html_quotes.present(shown.html[: limits.HTML]):
        text = html_text.marked(shown.html)
    reply, signed = signature.split(quotes.remove(text), author)
    return Written(reply=reply, signature=signed)
