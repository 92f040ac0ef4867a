import pytest

from cli.plot import bar, gauge, sparkline


def test_a_sparkline_has_a_character_a_value_and_nothing_where_nothing_was():
    assert sparkline([0, 1, 4, 8]) == " ▂▅█"
    assert sparkline([5]) == "█"
    assert sparkline([]) == sparkline([0])[1:] == ""


def test_many_values_are_summed_to_what_has_room():
    assert sparkline([1] * 365) == "█" * 52 + "▂"


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, "    "), (0.001, "▏   "), (0.5, "██  "), (0.53, "██▏ "), (1, "████"), (2, "████")]
)
def test_a_bar_is_a_share_of_its_width_and_never_nothing_of_something(share, drawn):
    assert bar(share, 4) == drawn


@pytest.mark.parametrize(
    ("rate", "drawn"), [(0, "     ╎    ┃"), (0.02, "██   ╎    ┃"), (0.06, "██████    ┃"), (0.5, "██████████┃")]
)
def test_a_gauge_ends_where_aws_pauses_and_is_marked_where_it_reviews(rate, drawn):
    assert gauge(rate, 0.05, 0.1, 10) == drawn
