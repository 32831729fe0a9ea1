"""Tables as aligned text."""

import pytest

from bridge.core.tables import aligned, drawn


def test_columns_are_as_wide_as_their_widest_cell_and_chinese_counts_twice():
    table = "| 名称 | n |\n|---|--:|\n| 苹果派 | 3 |\n| a | 12 |\n"
    assert aligned(table).split("\n") == [
        "名称   │  n",
        "───────┼───",
        "苹果派 │  3",
        "a      │ 12",
    ]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("**bold**", "bold"),
        ("`a | b`", "a | b"),
        ("a \\| b", "a | b"),
        ("[label](https://example.com)", "label https://example.com"),
        ("one<br>two", "one two"),
        ("a\\", "a\\"),
    ],
)
def test_marks_in_a_cell_are_not_shown(cell: str, shown: str):
    assert aligned(f"| h |\n|---|\n| {cell} |").split("\n")[-1] == shown


def test_cells_that_are_missing_or_too_many_are_no_matter():
    assert aligned("| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |").split("\n") == [
        "a │ b │",
        "──┼───┼──",
        "1 │   │",
        "1 │ 2 │ 3",
    ]


def test_only_the_marks_of_a_quote_before_a_row_are_no_part_of_it():
    table = "> | a > b |\n> |---|\n> | c |"
    assert drawn(table) == "> ```\n> a > b\n> ─────\n> c\n> ```"
