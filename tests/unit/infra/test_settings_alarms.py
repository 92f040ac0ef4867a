import pytest

from infra.settings_alarms import Chat, chat


def test_a_channel_is_named_by_the_ids_of_slacks_links():
    given = {"workspace": "T01ABCDEFGH", "channel": "C01ABCDEFGH"}
    assert chat(given) == Chat(workspace="T01ABCDEFGH", channel="C01ABCDEFGH")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("#alarms", 'must be an object {"workspace": "T01ABCDEFGH", "channel": "C01ABCDEFGH"}'),
        ({"channel": "C01ABCDEFGH"}, 'must be an object {"workspace": "T01ABCDEFGH", "channel": "C01ABCDEFGH"}'),
        ({"workspace": "acme", "channel": "C01ABCDEFGH"}, "a Slack workspace's id such as 'T01ABCDEFGH'; it is 'acme'"),
        ({"workspace": "T01ABCDEFGH", "channel": "#alarms"}, "a Slack channel's id such as 'C01ABCDEFGH'"),
    ],
)
def test_what_is_no_channel_is_told_with_an_example(given, said):
    with pytest.raises(ValueError) as refused:
        chat(given)
    assert said in str(refused.value)
