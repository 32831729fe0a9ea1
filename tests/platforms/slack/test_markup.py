"""Whatever a bot says, it arrives whole, in bounds, and calls nobody."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.model import Button, Piece
from bridge.core.splitting import split
from bridge.platforms.slack.markup import SIZE, rendered
from bridge.sandbox.slack import Shown
from bridge.sandbox.slack.blocks import checked
from bridge.sandbox.slack.model import SlackError
from tests.platforms.slack import live

TOKENS = [
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "<@U0ANN>",
    "<#C0GENERAL|x>",
    "<!subteam^S1>",
    "<https://a.test|b.test>",
    "<",
    ">",
    "&",
    "&lt;",
    "&amp;lt;",
    "`",
    "```\n",
    "\\",
    "\u200b",
    "🎉",
    "你",
    "\n",
]
texts = st.lists(st.sampled_from(TOKENS) | st.text(max_size=4), max_size=30).map("".join)
pieces = st.builds(Piece, texts.filter(str.strip), plain=st.booleans(), aside=st.booleans())
quick = settings(deadline=None, max_examples=150)


def shown(piece: Piece) -> Shown:
    """The message as a simulated Slack would keep and show it."""
    made = rendered(piece)
    blocks = checked(made["blocks"])
    return Shown(channel="C1", ts="1.000001", user="U0BOT", text=made["text"], blocks=blocks)


def strings(block: dict[str, Any]) -> list[str]:
    """The texts of a block that Slack reads as markup."""
    if isinstance(block.get("text"), str):
        return [block["text"]]
    texts = [text for text in (block.get("text"), *block.get("elements", ())) if text]
    return [text["text"] for text in texts if text["type"] == "mrkdwn"]


@quick
@given(pieces)
def test_nothing_that_a_bot_says_is_a_live_token(piece: Piece):
    assert not shown(piece).pings
    made = rendered(piece)
    read = [made["text"], *(each for block in made["blocks"] for each in strings(block))]
    assert not any(live.tokens(each) for each in read)


@quick
@given(texts.filter(str.strip), texts)
def test_what_fits_stays_below_the_limits_of_slack(text: str, more: str):
    for part in split(text * 60 + more, SIZE):
        assert SIZE.of(part) <= SIZE.most + len("**~~``")  # what closes emphasis
        made = rendered(Piece(part))
        assert len(made["text"].encode("utf-16-le")) // 2 <= 4000
        assert sum(len(each) for block in made["blocks"] for each in strings(block)) <= 12_000
        assert checked(made["blocks"])


@quick
@given(texts.filter(str.strip))
def test_plain_text_comes_in_sections_that_slack_takes(text: str):
    for part in split(text * 60, SIZE):
        blocks = rendered(Piece(part, plain=True))["blocks"]
        sections = [block["text"]["text"] for block in blocks]
        assert "".join(sections) == part
        assert all(0 < len(section) <= 3000 for section in sections)
        assert {(b["type"], b["text"]["type"]) for b in blocks} == {("section", "plain_text")}


@quick
@given(texts, texts)
def test_sizes_add_up(one: str, two: str):
    assert SIZE.of(one + two) == SIZE.of(one) + SIZE.of(two)


def test_the_longest_plain_text_is_taken_with_its_buttons():
    buttons = tuple(Button("x" * 75, f"ask:{n}", wide=True) for n in range(25))
    made = rendered(Piece("x" * SIZE.most, buttons, plain=True))["blocks"]
    assert [block["type"] for block in checked(made)] == ["section"] * 4 + ["actions"]


@pytest.mark.parametrize("plain", [True, False])
def test_words_are_read_as_they_were_said(*, plain: bool):
    text = "**1 < 2** & `a > b` <!channel> 你好 🎉"
    assert shown(Piece(text, plain=plain)).plain() == text


def test_markdown_is_left_to_slack():
    [block] = rendered(Piece("# Title\n**bold** [a](https://b.test/?c=1&d=2)"))["blocks"]
    assert block["type"] == "markdown"
    assert block["text"] == "# Title\n**bold** [a](https://b.test/?c=1&d=2)"


def test_an_answer_of_many_sections_is_taken_by_slack():
    text = "".join(f"## {n}\n\ntext\n\n---\n\n" for n in range(100))
    with pytest.raises(SlackError, match="invalid_blocks"):
        checked([{"type": "markdown", "text": text}])
    [block] = checked(rendered(Piece(text, (Button("Stop", "stop:1"),)))["blocks"])[:-1]
    assert all(f"## {n}\n" in block["text"] for n in range(10))
    assert all(f"**{n}**\n" in block["text"] for n in range(10, 100))


def test_the_text_for_notifications_ends_where_slack_takes_no_more():
    text = rendered(Piece("<!here> " * 1000))["text"]
    assert len(text) <= 4000
    assert text == ("&lt;!here&gt; " * 1000)[: len(text)]


def test_what_would_be_too_long_once_it_is_safe_stays_as_it_was_written():
    text = "# a\n" * 2700
    assert text == "".join(block["text"]["text"] for block in rendered(Piece(text))["blocks"])


def test_the_text_for_notifications_is_escaped():
    assert rendered(Piece('<!here> & "x"'))["text"] == '&lt;!here&gt; &amp; "x"'


@pytest.mark.parametrize("plain", [True, False])
def test_buttons_come_last_and_can_be_told_apart(*, plain: bool):
    piece = Piece("hello", (Button("Stop", "stop:1"), Button("Again", "retry")), plain=plain)
    message = shown(piece)
    assert [(b.label, b.value) for b in message.buttons] == [
        ("Stop", "stop:1"),
        ("Again", "retry"),
    ]
    assert len({button.action_id for button in message.buttons}) == 2
    assert message.blocks[-1]["type"] == "actions"


@quick
@given(texts.filter(str.strip))
def test_reasoning_is_small_and_as_it_stands(text: str):
    for part in split(text * 60, SIZE):
        if part.strip():
            blocks = checked(rendered(Piece(part, aside=True))["blocks"])
            words = [element for block in blocks for element in block["elements"]]
            assert "".join(word["text"] for word in words) == part.strip()
            assert {block["type"] for block in blocks} == {"context"}
            assert {word["type"] for word in words} == {"plain_text"}
            assert all(0 < len(word["text"]) <= 2000 for word in words)


def test_the_longest_reasoning_is_taken():
    blocks = checked(rendered(Piece("x" * SIZE.most, aside=True))["blocks"])
    assert [len(block["elements"]) for block in blocks] == [1] * 6


def test_wide_buttons_come_first_and_among_themselves():
    follow = [Button(f"And {n}?", f"ask:1:{n}", wide=True) for n in range(3)]
    message = shown(Piece("hello", (Button("🔄", "retry:1"), *follow, Button("✨", "new:1"))))
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    labels = [[element["text"]["text"] for element in row] for row in rows]
    assert labels == [["And 0?", "And 1?", "And 2?"], ["🔄", "✨"]]
    assert len({button.action_id for button in message.buttons}) == 5


def test_more_buttons_than_a_row_takes_are_all_there():
    options = [Button(str(n), f"answer:{n}", wide=True) for n in range(60)]
    message = shown(Piece("which?", tuple(options)))
    assert [button.label for button in message.buttons] == [str(n) for n in range(60)]


@pytest.mark.parametrize("size", [75, 76, 500])
def test_a_label_that_is_too_long_is_cut(size: int):
    [button] = shown(Piece("hello", (Button("x" * size, "ask:1:0"),))).buttons
    assert len(button.label) == 75
    assert button.label.endswith("…") == (size > 75)


def test_without_buttons_there_are_no_actions():
    assert all(block["type"] != "actions" for block in rendered(Piece("hello"))["blocks"])


def test_the_two_that_rate_an_answer_are_slacks_own_pair():
    good, bad, again = Button("👍", "up:abc"), Button("👎", "down:abc"), Button("🔄", "retry:abc")
    ask = Button("And then?", "ask:abc:0", wide=True)
    blocks = rendered(Piece("x", (ask, good, bad, again)))["blocks"]
    assert [block["type"] for block in blocks] == [
        "markdown",
        "actions",
        "context_actions",
        "actions",
    ]
    [pair] = blocks[2]["elements"]
    assert (pair["type"], pair["action_id"]) == ("feedback_buttons", "coze_bridge_1")
    assert pair["positive_button"]["value"] == "up:abc"
    assert pair["negative_button"]["text"] == {"type": "plain_text", "text": "👎"}
    assert checked(blocks)


def test_one_that_rates_alone_is_a_button_like_others():
    blocks = rendered(Piece("x", (Button("👍", "up:abc"),)))["blocks"]
    assert [block["type"] for block in blocks] == ["markdown", "actions"]
