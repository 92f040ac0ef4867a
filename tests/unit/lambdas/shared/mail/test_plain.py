import pytest

from lambdas.shared.mail.plain import read

FLOWED = {"format": "flowed"}


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        ("a\r\nb\rc", {}, "a\nb\nc"),
        ("a\x00\x1b[1mb\tc", {}, "a[1mb\tc"),
        ("one \ntwo\nthree", FLOWED, "one two\nthree"),
        ("> one \n> two\nthree", FLOWED, "> one two\nthree"),
        (">> one \n> two", FLOWED, ">> one \n> two"),
        ("text \n-- \nname", FLOWED, "text \n-- \nname"),
        (" From here", FLOWED, "From here"),
        ("one \ntwo", FLOWED | {"delsp": "yes"}, "onetwo"),
        ("one \ntwo", {}, "one \ntwo"),
    ],
)
def test_text_is_as_a_person_reads_it(text, parameters, expected):
    assert read(text, parameters) == expected
