"""How Markdown of language models looks in Telegram."""

import pytest

from bridge.core.model import Piece
from bridge.platforms.telegram.markup import rendered, units
from tests.judges.tdlib import judged


def look(markdown: str) -> tuple[str, list[tuple[str, str]]]:
    """The text, and what of it is marked how."""
    text, entities = rendered(Piece(markdown))
    encoded = text.encode("utf-16-le")
    marked = [
        (
            str(each.type),
            encoded[each.offset * 2 : (each.offset + each.length) * 2].decode("utf-16-le"),
        )
        for each in entities
    ]
    return text, marked


@pytest.mark.parametrize(
    ("markdown", "text", "marked"),
    [
        ("# 标题 🎉", "标题 🎉", [("bold", "标题 🎉"), ("underline", "标题 🎉")]),
        ("🎉 **注意：**请", "🎉 注意：请", [("bold", "注意：")]),
        ("第二**（可选）**关闭", "第二（可选）关闭", [("bold", "（可选）")]),
        ("`x` and ~~y~~", "x and y", [("code", "x"), ("strikethrough", "y")]),
        ("```py\nx\n```", "x", [("pre", "x")]),
        ("- a\n  - b\n- [ ] c\n- [x] d", "• a\n  • b\n☐ c\n☑ d", []),
        ("10. a\n9. b", "10. a\n9. b", []),
        ("List<String> <br>next", "List<String>\nnext", []),
        ("<div>\nkept\n</div>", "<div>\nkept\n</div>", []),
        ("a || b || c", "a || b || c", []),
        ("[1]: https://example.com", "[1]: https://example.com", []),
        ("$x^2$ costs $5 or $6", "x^2 costs $5 or $6", [("code", "x^2")]),
        (r"\(\frac{a}{b}\)", "a/b", [("code", "a/b")]),
        ("![图](https://example.com/i.png)", "🖼 图", [("text_link", "图")]),
        ("> quoted\nnot quoted", "quoted\n\nnot quoted", [("blockquote", "quoted")]),
        (">_<", ">_<", []),
        ("> a\n>> b", "a\nb", [("blockquote", "a\nb")]),
    ],
)
def test_it_looks_as_it_is_meant(markdown: str, text: str, marked: list[tuple[str, str]]):
    assert look(markdown) == (text, marked)


def test_a_long_quote_is_collapsed():
    _, [(kind, _)] = look("> " + "word " * 60)
    assert kind == "expandable_blockquote"


def test_code_keeps_its_language_and_its_marks():
    text, [entity] = rendered(Piece("```python\nx = **y  # <b> || ||\n```"))
    assert (text, entity.language) == ("x = **y  # <b> || ||", "python")


def test_a_table_is_aligned():
    text, marked = look("看：\n| 名称 | n |\n|---|--:|\n| 苹果 | 12 |\n后面")
    table = "名称 │  n\n─────┼───\n苹果 │ 12"
    assert marked == [("pre", table)]
    assert text == f"看：\n\n{table}\n后面"


@pytest.mark.parametrize(
    "target",
    [
        *("docs/a.md", "javascript:alert(1)", "https://localhost", "https://exa", "coze://x"),
        *("tel:+49", "file:///etc/passwd", "http://a b.com", "tg://resolve?domain=x", "//x.com"),
    ],
)
def test_a_link_that_telegram_would_refuse_is_text(target: str):
    text, marked = look(f"see [it]({target}) **now**")
    assert ("bold", "now") in marked
    assert "text_link" not in dict(marked)
    assert "it" in text


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com",
        "http://例子.中国/路径?q=1#x",
        "https://1.2.3.4:8080/x",
        "tg://user?id=5",
    ],
)
def test_a_link_that_telegram_takes_is_one(target: str):
    text, entities = rendered(Piece(f"see [it]({target})"))
    assert [(text, entity.url) for entity in entities] == [("see it", target)]
    assert not judged(text, [entity.to_dict() for entity in entities]).refusal


def test_of_more_than_a_hundred_marks_the_important_ones_stay():
    text, entities = rendered(Piece("*i* " * 90 + "`c` " * 60 + "[l](https://example.com) " * 20))
    kinds = [str(entity.type) for entity in entities]
    assert len(kinds) == 100
    assert (kinds.count("text_link"), kinds.count("code"), kinds.count("italic")) == (20, 60, 20)
    assert not judged(text, [entity.to_dict() for entity in entities]).dropped


def test_a_table_too_wide_for_a_message_is_shown_as_it_was_written():
    table = "| a | b |\n|---|---|\n" + f"| {'x' * 100} | y |\n" + "| z | z |\n" * 60
    text, entities = rendered(Piece(table))
    assert (text, entities) == (table.strip(), [])
    assert units(text) <= 4096
