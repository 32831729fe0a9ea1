"""Markdown for Slack: what is shown is what was meant, and nothing more happens."""

import pytest

from bridge.core.emphasis import PAD
from bridge.platforms.slack.links import is_disguised
from bridge.platforms.slack.markdown import safe
from tests.platforms.slack.live import bold, code, disguised, links


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[docs](https://a.test/b_c?d=1&e=2)", "[docs](https://a.test/b_c?d=1&e=2)"),
        ("[a.com](https://www.a.com/b)", "[a.com](https://www.a.com/b)"),
        ("[a.com](https://b.test)", "a.com (`https://b.test`)"),
        ("[**a**.com](https://b.test 'a.com')", "**a**.com (`https://b.test`)"),
        ("![a.com](https://b.test)", "a.com (`https://b.test`)"),
        ("[here](https://a.com@b.test)", "here (`https://a.com@b.test`)"),
        ("[run](javascript:alert)", "run (`javascript:alert`)"),
        ("[](https://b.test)", "[https://b.test](https://b.test)"),
        ("[top](#top)", "top"),
        ("[a [b](https://b.test)](https://c.test)", "[a [b](https://b.test)\\](https://c.test)"),
        ("[a.com][1]\n\n[1]: https://b.test", "[a.com][1]\n\n\\[1]: https://b.test"),
        ("见<https://a.test/b>。", f"见{PAD}https://a.test/b{PAD}。"),
        ("<https://b.test|a.com>", "&lt;https://b.test|a.com>"),
        ("- [ ] to do\n- [x] done [1]", "- [ ] to do\n- [x] done [1]"),
        ("one<br>two<br/>- three", "one\ntwo - three"),
        ("\\<!here> <b>", "&lt;!here> &lt;b>"),
        ("> said **x**\n> - it", "> said **x**\n> - it"),
    ],
)
def test_links_lead_where_they_seem_to(text: str, shown: str):
    assert safe(text) == shown
    assert not disguised(safe(text))


@pytest.mark.parametrize(
    ("label", "target", "disguised"),
    [
        ("https://bank.com", "https://bank.com/login", False),
        ("bank.com", "https://login.bank.com", False),
        ("login.bank.com", "https://bank.com", True),
        ("see Bank.com", "https://bank.com.evil.test", True),
        ("bank\u200b.com", "https://evil.test", True),
        ("bank&#46;com", "https://evil.test", True),
        ("b\u0430nk.com", "https://bank.com", True),
        ("moc.knab\u202e", "https://evil.test", True),
        ("10.0.0.1", "https://evil.test", True),
        ("a.b@bank.com", "mailto:a.b@bank.com", False),
        ("help@bank.com", "mailto:help@evil.test", True),
        ("Node.js 18.2, index.html", "https://nodejs.org", False),
        ("访问bank.com", "https://bank.com", False),
    ],
)
def test_a_label_that_names_another_host_is_a_disguise(
    label: str, target: str, *, disguised: bool
):
    assert is_disguised(label, target) == disguised


def test_code_stays_as_it_is_but_for_what_could_be_alive():
    text = "`a<b>()` and `<!here>`\n\n```\n#include <vector>\na < b <@U0ANN>;\n<!-- x -->\n```\n"
    assert safe(text) == text.replace("<!here", "&lt;!here").replace("<@", "&lt;@")


def test_code_in_an_item_stays_in_it():
    text = "1. one\n   ```\nx = 1\n[a.com](https://b.test)\n   ```\n2. two"
    assert code(safe(text)) == ["x = 1\n[a.com](https://b.test)\n"]
    assert not [*links(safe(text))]


@pytest.mark.parametrize(
    ("text", "strong"),
    [
        ("**注意：**请看", ["注意："]),
        ("这是**“重点”**内容", ["“重点”"]),
        ("普通**重点**文字", ["重点"]),
        ("变量**`x`**是", ["x"]),
        ("2**3**4", ["3"]),
    ],
)
def test_emphasis_that_touches_chinese_is_seen(text: str, strong: list[str]):
    assert bold(safe(text)) == strong
    assert safe(text).replace(PAD, "") == text


def test_emphasis_and_code_are_apart_from_chinese_letters():
    assert safe("用`x`做**重点**，好") == f"用{PAD}`x`{PAD}做{PAD}**重点**，好"


TABLE = "| 名称 | n |\n|---|--:|\n| a<br>b | **1** |\n"


def test_slack_draws_one_table_and_the_next_are_aligned():
    drawn = "```\n名称 │ n\n─────┼──\na b  │ 1\n```\n"
    assert safe(f"{TABLE}\n{TABLE}") == f"{TABLE.replace('<br>', ' ')}\n{drawn}"


@pytest.mark.parametrize(
    "row", ["| x | y |\n" * 100, f"|{' x |' * 25}\n", f"| {'x' * 10_000} | |\n"]
)
def test_a_table_that_is_too_large_for_slack_is_code(row: str):
    assert safe(TABLE + row).startswith("```\n")


def test_a_table_that_would_be_mostly_spaces_is_not_aligned():
    table = TABLE + f"| {'x' * 200} | |\n" + "| x | y |\n" * 99
    assert safe(table) == f"```\n{table}```\n"


def test_headings_and_rules_beyond_what_a_message_takes_become_lines():
    text = "# a\n\n---\n\n" * 10 + "## b #\ntext\n\n***\n\n# **c**"
    assert safe(text) == "# a\n\n---\n\n" * 10 + "**b**\ntext\n\n———\n\n**c**"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("so $m = \\frac{a}{b} \\cdot x^2$.", "so `m = a/b ⋅ x²`."),
        ("\\(\\alpha\\) 和 \\[\nx_1\n\\]", "`α` 和 `x₁`"),
        ("其中$x$是数", f"其中{PAD}`x`{PAD}是数"),
        ("| a |\n|---|\n| $\\vert x^2$ |", "| a |\n|---|\n| `∣ x²` |"),
        ("it costs $5 or $10, in $USD$", "it costs $5 or $10, in $USD$"),
        ("`$x^2$` and ${$", "`$x^2$` and ${$"),
        ("$5, $6.50; a regex: ^a$ or b", "$5, $6.50; a regex: ^a$ or b"),
    ],
)
def test_formulas_can_be_read(text: str, shown: str):
    assert safe(text) == shown
