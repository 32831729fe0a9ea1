import pytest

from tests.markdown.visible import lost, lost_of_document


@pytest.mark.parametrize(
    ("markdown", "rendering"),
    [
        ("**注意：**请 see [the docs](docs/a.md)", "注意：请 see the docs"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("<b>x</b> &amp; y", "x & y"),
        ("1. a\n3. b\n- [x] c", "1. a\n2. b\n☑ c"),
        ("$\\frac{a}{b}$ costs x", "a/b costs x"),
        ("|a|b|\n|-|-|\n|c|d|", "a: c\nb: d"),
        ("H²O ＡＢ", "H2O AB"),
    ],
)
def test_what_is_markup_may_go(markdown, rendering):
    assert not lost(markdown, rendering)
    assert not lost_of_document(markdown, rendering)


@pytest.mark.parametrize(
    ("markdown", "rendering", "missing"),
    [
        ("**注意：**请", "注意：", "请"),
        ("one two three", "one three two", "three"),
        ("`code` and text", "and text", "codeandtext"),
        ("|a|b|\n|-|-|\n|c|d|", "a b c", "d"),
        ("a 12 b", "a 2 b", "12b"),
    ],
)
def test_a_character_that_is_gone_or_moved_is_found(markdown, rendering, missing):
    assert lost(markdown, rendering) == missing
    assert lost_of_document(markdown, rendering) == missing
