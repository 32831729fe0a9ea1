import pytest

from tests.judges.tdlib import IN_CAPTION, Verdict, judged

BOLD = {"type": "bold", "offset": 0, "length": 5}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("docs/a.md", "Wrong HTTP URL"),
        ("#section", "URL host is empty"),
        ("", "URL host is empty"),
        ("https://localhost", "Wrong HTTP URL"),
        ("https://exa", "Wrong HTTP URL"),
        ("coze://bot", "Unsupported URL protocol"),
        ("javascript:alert(1)", "Wrong port number specified in the URL"),
    ],
)
def test_a_link_that_opens_nothing_is_refused_in_an_entity(url, problem):
    link = {"type": "text_link", "offset": 0, "length": 4, "url": url}
    assert judged("link", [link]).refusal == f"entity URL '{url}' is invalid: {problem}"
    assert judged(f'<a href="{url}">link</a>', parse_mode="HTML") == Verdict(text="link")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        (" \n\u200b\U000e0041", "text must be non-empty"),
        ("\ud83d", "strings must be encoded in UTF-8"),
        ("字" * 10_923, "text is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
def test_a_text_that_is_too_long_or_shows_nothing_is_refused(text, words):
    assert judged(text).refusal == words


@pytest.mark.parametrize(
    ("offset", "length", "words"),
    [
        (4, 9, "entity beginning at UTF-16 offset 4 ends after the end of the text"),
        (7, 1, "entity begins after the end of the text at UTF-16 offset 7"),
        (0, 3, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte"),
        (3, 2, "entity begins in a middle of a UTF-16 symbol at byte offset 6"),
    ],
)
def test_an_entity_that_cuts_a_character_or_ends_outside_is_refused(offset, length, words):
    bold = {"type": "bold", "offset": offset, "length": length}
    assert judged("a*😀bc", [bold]).refusal.startswith(words)


@pytest.mark.parametrize("markup", ["a **b** `c` __d__ ~~e~~ ||f|| [g](h.de)", "*_~`|["])
def test_what_looks_like_markup_is_kept_as_it_stands(markup):
    assert judged(markup) == Verdict(text=markup)


def test_a_text_is_trimmed_and_its_entities_with_it():
    verdict = judged(" \n*ab* \r\x00 \n", [{"type": "bold", "offset": 3, "length": 7}])
    assert verdict.text == "*ab*"
    assert verdict.entities == [{"type": "bold", "offset": 1, "length": 3}]


def test_of_a_style_inside_code_nothing_is_kept():
    code = {"type": "pre", "offset": 0, "length": 3, "language": "python"}
    kept = judged("x=1 else", [BOLD, code]).entities
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in kept] == [
        ("pre", 0, 3),
        ("bold", 3, 2),
    ]


def test_more_entities_than_a_hundred_are_counted():
    words = [{"type": "bold", "offset": at * 2, "length": 1} for at in range(103)]
    assert judged("a " * 103, words).dropped == 3


@pytest.mark.parametrize(
    ("mode", "text", "words"),
    [
        ("HTML", "<b>x</i>", "can't parse entities: Unmatched end tag"),
        ("MarkdownV2", "Done.", "can't parse entities: Character '.' is reserved"),
        ("Markdown", "snake_case", "can't parse entities: Can't find end of the entity"),
        ("RTF", "x", "unsupported parse_mode"),
    ],
)
def test_markup_that_cannot_be_parsed_is_refused(mode, text, words):
    assert judged(text, parse_mode=mode).refusal.startswith(words)


def test_a_caption_may_be_empty_but_not_as_long_as_a_message():
    assert judged("", most=IN_CAPTION, may_be_empty=True) == Verdict()
    refusal = judged("x" * 1025, most=IN_CAPTION, may_be_empty=True).refusal
    assert refusal == "message caption is too long"
