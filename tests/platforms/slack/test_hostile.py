"""Ten thousand hostile texts: none of them calls anybody, hides a link or loses a word."""

import random
import re
from typing import Any

import pytest

from bridge.core.growing import closed
from bridge.core.model import Piece
from bridge.platforms.slack.markup import rendered
from tests.platforms.slack.live import disguised, tokens

EACH = 500  # texts of one test
PARTS = [
    *("<!channel>", "<!here|x>", "<!everyone>", "<@U0ANN>", "<#C0GENERAL|x>", "<!subteam^S1|@t>"),
    *("<https://a.test|b.test>", "<https://a.test>", "<mailto:a@b.test|c>", "<!date^1^{date}|x>"),
    *("&lt;!here&gt;", "&#60;!here>", "\\<!here>", "<\\!here>", "<<!here>>", "<\n!here>", "<b>"),
    *("[bank.com](https://evil.test)", "[bank.com][1]", "[1]: https://evil.test", "<br>"),
    *("[x](https://bank.com@evil.test)", "[bank.com](https://bank.com\\@evil.test)", "[](", "]("),
    *("[bank.com", "](https://evil.test)", "![bank.com](https://evil.test)", "[", "]", "(", ")"),
    *("[**bank**.com](<https://evil.test>)", "[bank\\.com](https://evil.test 'x')", "\\[", "\\]("),
    *(
        "[bank&#46;com](//evil.test)",
        "[ok](https://ok.test/a_(b)?c=1&d=2)",
        "[1]",
        "> ",
        "- ",
        "1. ",
    ),
    *("`", "``", "```\n", "\n```\n", "~~~\n", "**", "*", "__", "_", "~~", "\\", "$", "\\(", "\\["),
    *(
        "| a | b |\n|---|---|\n| ",
        " | ",
        "|\n",
        "# ",
        "---\n",
        "\n",
        "\n\n",
        "    ",
        "<!--",
        "-->",
    ),
    *("你好", "（重点）", "：", "🎉", "\u200b", "\u202e", " ", " ", "\ud800", "\x00", "a", "."),
]
CODE = ["<div>", "a < b && c", "<!here>", "<@U0ANN>", "&amp;", "[bank.com](https://evil.test)"]
WORD = re.compile(r"word\d+x")


def hostile(chance: random.Random) -> str:
    """A text of bad parts, with a word here and there."""
    parts = chance.choices(PARTS, k=chance.randint(1, 12))
    for at in range(chance.randint(0, 4)):
        parts.insert(chance.randint(0, len(parts)), f"word{at}{chance.randint(0, 9)}x")
    return "".join(parts)


def strings(value: Any) -> list[str]:
    """All strings of a payload that are not plain text."""
    if isinstance(value, dict):
        if value.get("type") == "plain_text":
            return []
        return [each for inner in value.values() for each in strings(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in strings(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("seed", range(20))
def test_no_hostile_text_is_alive_or_loses_a_word_or_its_code(seed: int):
    chance = random.Random(seed)
    for _ in range(EACH):
        code = "\n".join(chance.choices(CODE, k=2))
        text = closed(f"```\n{code}\n```\n{hostile(chance)}")
        payload = rendered(Piece(text))
        assert payload.keys() == {"text", "blocks"}  # and no link_names, no parse
        assert not [each for said in strings(payload) for each in tokens(said)], text
        [block] = payload["blocks"]
        assert not disguised(block["text"]), text
        assert sorted(WORD.findall(block["text"])) == sorted(WORD.findall(text)), text
        assert block["text"].replace("&lt;", "<").startswith(f"```\n{code}\n```"), text
