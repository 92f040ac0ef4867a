"""What a page holds, as two parsers that are not the sanitiser's read it."""

from html.parser import HTMLParser

from selectolax.lexbor import LexborHTMLParser

VOID = {"br", "hr", "img", "wbr"}
ELEMENTS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption",
    "center", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol",
    "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "align", "alt", "background", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face",
    "height", "href", "hspace", "lang", "nowrap", "referrerpolicy", "rel", "rowspan", "size", "src", "srcset", "start",
    "style", "target", "title", "type", "valign", "value", "vspace", "width",
}  # fmt: skip


class Page(HTMLParser):
    """Elements with their attributes, and the text. Raises AssertionError where one is not closed in its turn."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self.open = [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        raise AssertionError(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(html, *, remote=(), images=()):
    """That a piece of HTML is one closed <div> in which nothing can run, fetch, or reach what is around it."""
    first, *rest = Page(html).elements
    assert first[0] == "div"
    for tag, attributes in rest:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        check_addresses(attributes, remote, images)
        check_style(attributes.get("style", ""), remote=bool(remote))
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer"
            assert attributes["target"] == "_blank"
    check_in_browser_tree(html)


def check_addresses(attributes, remote, images):
    assert attributes.get("href", "mailto:").lower().startswith(("http://", "https://", "mailto:"))
    for name in ("src", "background"):
        if name in attributes:
            known = ("data:image/png;base64,", "data:image/gif;base64,", *remote, *images)
            assert attributes[name].lower().startswith(known)
    assert "srcset" not in attributes or remote


def check_style(style, *, remote):
    lowered = style.lower()
    for word in ("position", "expression", "behavior", "binding", "import", "\\", "/*", "<", "javascript", "z-index"):
        assert word not in lowered.replace("background-position", "")
    assert remote or "url" not in lowered


def check_in_browser_tree(html):
    """Parsed as a browser does, what stands after it is still outside, and everything else is inside."""
    tree = LexborHTMLParser(f'<!doctype html><body><main id="around">{html}</main><i id="after">x</i>')
    after, around = tree.css_first("#after"), tree.css_first("#around")
    assert after.parent.tag == "body"
    assert [node.tag for node in around.iter()] == ["div"]
    assert {node.tag for node in around.css("*")} <= ELEMENTS
    assert {name for node in around.css("*") for name in node.attributes} <= ATTRIBUTES | {"id"}
