"""Emphasis that touches Chinese counts."""

import pytest

from bridge.core.emphasis import PAD, padded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**注意：**请", "**注意：**_请"),
        ("这是**“重点”**内容", "这是_**“重点”**_内容"),
        ("第二**（可选）**关闭", "第二_**（可选）**_关闭"),
        ("变量**`x`**是", "变量_**`x`**_是"),
        ("很*（轻）*的", "很_*（轻）*_的"),
        ("旧~~（价）~~新", "旧_~~（价）~~_新"),
        ("**Note:**请", "**Note:**_请"),
        ("普通**重点**文字", "普通**重点**文字"),
        ("2**(n)**3", "2**(n)**3"),
        ("`这是**“码”**里`", "`这是**“码”**里`"),
        ("没有**（结束", "没有**（结束"),
        ("名_（下划线）_名", "名_（下划线）_名"),
    ],
)
def test_stars_between_a_letter_and_a_mark_get_a_space(text: str, expected: str):
    wanted = expected if "_（" in text else expected.replace("_", PAD)
    assert padded(text, 0, len(text)) == wanted
