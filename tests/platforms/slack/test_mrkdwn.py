"""What people wrote, as they see it."""

import pytest

from tests.platforms.slack.deliveries import direct, heard


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("is 1 &lt; 2 &amp; 3 &gt; 2?", "is 1 < 2 & 3 > 2?"),
        ("&amp;lt; stays", "&lt; stays"),
        ("see <https://a.test/?b=1&amp;c=2>", "see https://a.test/?b=1&c=2"),
        ("see <https://a.test/|the docs>.", "see the docs (https://a.test/)."),
        ("write <mailto:ann@a.test|ann@a.test>", "write ann@a.test (mailto:ann@a.test)"),
        ("  你好 \n", "你好"),
    ],
)
def test_entities_and_links_are_made_readable(sent: str, read: str):
    assert direct(sent).text == read


@pytest.mark.parametrize("text", [":wave: hello", "well done :tada:", "list these: a, b,"])
def test_what_a_person_wrote_keeps_its_punctuation(text: str):
    assert direct(text).text == text


@pytest.mark.parametrize("text", ["<@U0BOT>: hello", "<@U0BOT>, hello", "hello <@U0BOT>"])
def test_the_name_of_the_bot_is_taken_out(text: str):
    assert heard(text).text == "hello"


def test_the_name_of_the_bot_is_taken_out_with_its_label():
    assert heard("<@U0BOT|coze> hello").text == "hello"


@pytest.mark.parametrize(("text", "language"), [("你好 there", "zh"), ("hello", "en")])
def test_chinese_is_seen(text: str, language: str):
    assert direct(text).user.language == language


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("in <#C0GENERAL|general>?", "in #general?"),
        ("in <#C0SECRET|>?", "in #C0SECRET?"),
        ("in <#C0SECRET>?", "in #C0SECRET?"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!here|here>", "@here"),
        ("ask <!subteam^S1|@team>", "ask @team"),
        ("ask <!subteam^S1>", "ask @S1"),
        ("at <!date^1392734382^{date} at {time}^https://a.test|noon>", "at noon"),
        ("ask <@U0BEN>", "ask @Ben"),
        ("ask <@U0BEN|benny>", "ask @benny"),
        ("ask <@U0EVE>", "ask @U0EVE"),
        ("call <tel:+15550100|555-0100>", "call 555-0100 (tel:+15550100)"),
        ("&lt;!here&gt; &lt;@U0BEN&gt;", "<!here> <@U0BEN>"),
        ("a &lt; b <https://a.test>", "a < b https://a.test"),
        ("<!new^thing>", "@thing"),
        ("<>", ""),
    ],
)
def test_what_stands_for_a_name_is_read_as_the_name(sent: str, read: str):
    assert direct(f"so: {sent}").text == f"so: {read}".strip()
