import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.inputs import BadInput, converted, missing, typed, unquoted
from bridge.core.ports import Parameter
from bridge.core.texts import CHINESE, ENGLISH

CITY, DAYS = Parameter("city", required=True), Parameter("days", "integer")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  ", {}),
        ("Rome", {"city": "Rome"}),
        ("  two\n lines  ", {"city": "two\n lines"}),
        ("a  b", {"city": "a  b"}),
        ("city=Rome", {"city": "Rome"}),
        ("city=Rome days=3", {"city": "Rome", "days": "3"}),
        ("Rome days=3", {"city": "Rome", "days": "3"}),
        ("days=3 New  York", {"city": "New York", "days": "3"}),
        ("New days=3 York", {"city": "New York", "days": "3"}),
        ("days=3\nRome", {"city": "Rome", "days": "3"}),
        ('city="New York" days=3', {"city": "New York", "days": "3"}),
        (r'city="a \"b\" \\ \n c"', {"city": r'a "b" \ \n c'}),
        ('city="two\nlines"', {"city": "two\nlines"}),
        ("city='New \"York\"'", {"city": 'New "York"'}),
        ("city=“纽约 州” days=3", {"city": "纽约 州", "days": "3"}),
        ('"New York"', {"city": "New York"}),
        ("days=", {"days": ""}),
        ('days=""', {"days": ""}),
        ("days=1 days=2", {"days": "2"}),
        ('city="not closed', {"city": '"not'}),
        ("city=a=b", {"city": "a=b"}),
        ("city=https://x/?a=1&days=2", {"city": "https://x/?a=1&days=2"}),
        ("http://x/?days=2", {"city": "http://x/?days=2"}),
        ("xdays=3", {"city": "xdays=3"}),
        ("days = 3", {"city": "days = 3"}),
        ("Days=3", {"city": "Days=3"}),
        ("what=ever days=3", {"city": "what=ever", "days": "3"}),
        ("1+1=2", {"city": "1+1=2"}),
        ('say "x" and days=3', {"city": 'say "x" and', "days": "3"}),
    ],
)
def test_what_is_typed_is_pairs_and_the_main_input(text: str, values: dict[str, str]) -> None:
    assert typed(text, (CITY, DAYS), "city") == values


def test_where_the_parameters_are_not_known_every_pair_is_an_input() -> None:
    assert typed("what=ever days=3 Rome", (), "city") == {
        "what": "ever",
        "days": "3",
        "city": "Rome",
    }


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
values = st.dictionaries(names, st.text(), max_size=4)


@settings(max_examples=200, deadline=None)
@given(values)
def test_any_value_can_be_typed_in_quotes(values: dict[str, str]) -> None:
    quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    escaped = {
        name: '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for name, value in values.items()
    }
    text = " ".join(f"{name}={value}" for name, value in escaped.items())
    assert typed(text, (), "main-input") == values
    assert len(quoted) == len(typed(" ".join(f"{n}={v}" for n, v in quoted.items()), (), "-"))


@settings(max_examples=200, deadline=None)
@given(st.text(), names)
def test_text_without_pairs_is_the_main_input_as_it_is(text: str, name: str) -> None:
    text = text.replace("=", "")
    assert typed(text, (), name) == ({name: unquoted(text.strip())} if text.strip() else {})


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        ("“a”", "a"),
        ('"a', '"a'),
        ("a", "a"),
        ('"', '"'),
        ('""', ""),
        ("\"a'", "\"a'"),
        ("", ""),
        (r"'a\'b'", r"a\'b"),
    ],
)
def test_quotes_around_a_value_are_taken_away(value: str, plain: str) -> None:
    assert unquoted(value) == plain


def test_what_is_missing_is_asked_for_in_order() -> None:
    more = Parameter("zone", required=True)
    assert missing({}, (DAYS, CITY, more)) == CITY
    assert missing({"city": ""}, (CITY,)) == CITY
    assert missing({"city": "Rome"}, (DAYS, CITY, more)) == more
    assert missing({"city": "Rome", "zone": "0"}, (DAYS, CITY, more)) is None
    assert missing({}, (Parameter("city", required=True, default="Rome"),)) is None


@pytest.mark.parametrize(
    ("kind", "value", "made"),
    [
        ("string", "3", "3"),
        ("integer", "3", 3),
        ("integer", " -3 ", -3),
        ("integer", "1,234,567", 1234567),
        ("integer", "1_000", 1000),
        ("integer", "３", 3),
        ("number", "2.5", 2.5),
        ("number", "-1e3", -1000.0),
        ("number", "1,234.5", 1234.5),
        ("boolean", "Yes", True),
        ("boolean", " on ", True),
        ("boolean", "是", True),
        ("boolean", "FALSE", False),
        ("boolean", "0", False),
        ("boolean", "否", False),
        ("array", '["a", 1]', ["a", 1]),
        ("array", " []", []),
        ("array", "a, b", ["a", "b"]),
        ("array", "红，绿、蓝", ["红", "绿", "蓝"]),
        ("array", "a,,b,", ["a", "b"]),
        ("array", "a", ["a"]),
        ("array", "5", ["5"]),
        ("array", "true", ["true"]),
        ("array", '"a"', ['"a"']),
        ("object", '{"a": [1]}', {"a": [1]}),
        ("file", '{"file_id": "1"}', '{"file_id": "1"}'),
        ("time", "now", "now"),
        ("", "x", "x"),
    ],
)
def test_an_input_is_made_what_the_workflow_takes(kind: str, value: str, made: object) -> None:
    assert converted({"x": value}, (Parameter("x", kind),)) == {"x": made}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "three"),
        ("integer", "1.5"),
        ("integer", "1,5"),
        ("integer", ""),
        ("integer", "9" * 5000),
        ("number", "three"),
        ("number", "1,5"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "-Infinity"),
        ("number", "1e999"),
        ("boolean", "maybe"),
        ("boolean", ""),
        ("array", '["a"'),
        ("array", '{"a": 1}'),
        ("array", "[" * 5000),
        ("object", "a"),
        ("object", "[]"),
        ("object", "null"),
        ("object", '{"a":' * 5000),
    ],
)
def test_what_cannot_be_made_that_is_asked_for_again(kind: str, value: str) -> None:
    parameter = Parameter("x", kind)
    with pytest.raises(BadInput) as caught:
        converted({"x": value}, (parameter,))
    assert (caught.value.parameter, caught.value.found) == (parameter, value)
    for sentences in (ENGLISH, CHINESE):
        assert sentences[caught.value.expected].format(name="x", about="x", found=value)


def test_what_is_not_given_has_its_default() -> None:
    days = Parameter("days", "integer", default="3")
    assert converted({}, (CITY, days)) == {"days": 3}
    assert converted({"days": "4", "city": "Rome"}, (CITY, days)) == {"days": 4, "city": "Rome"}


def test_an_input_that_is_not_declared_is_passed_on_as_it_was_typed() -> None:
    assert converted({"what": "3"}, (DAYS,)) == {"what": "3"}
