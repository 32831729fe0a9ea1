import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.core.links import MOST, File, Segment, linked, segments

PDF, PNG, DOC = "http://x/a.pdf", "https://x/b.png", "http://x/c_(1).docx"
PAGE = "http://x/page"
URLS = [PDF, PNG, DOC, PAGE]

MARKS = [
    *(
        "!",
        "[",
        "]",
        "(",
        ")",
        "](",
        "<",
        ">",
        " ",
        "\n",
        "\n\n",
        "\t",
        '"',
        "'",
        "`",
        "```",
        "~~~",
    ),
    *("\n```", "```\n", "\n```\n", "\n~~~ ", "\n   ```py\n", "- ", "\n* ", "\n1. ", "\n12", "> "),
    *("a", "word", "。", "报告", "👍"),
    *(f"[a]({url})" for url in URLS),
    *(f"![b]({url})" for url in URLS),
    *(f"\n- [c]({url})\n" for url in URLS),
    *(f'![]( <{PNG}> "a (b) c" )', f"`![d]({PNG})`", f"`[d]({PDF})`", f"[![e]({PNG})]({PAGE})"),
]
texts = st.lists(st.sampled_from(MARKS) | st.text(max_size=2), max_size=25).map("".join)
fates = st.dictionaries(st.sampled_from(URLS), st.booleans())


def cut(text: str, *gone: str, growing: bool = False) -> list[Segment]:
    """The text with every file fetched, but for those which are `gone`."""
    return segments(text, {url: url not in gone for url in linked(text)}, growing=growing)


def a(url: str, label: str = "a") -> str:
    return f"[{label}]({url})"


def goes_on(before: list[Segment], after: list[Segment]) -> bool:
    """Whether `after` is `before` with more behind it."""
    if not before:
        return True
    last = before[-1]
    if before[:-1] != after[: len(before) - 1] or len(after) < len(before):
        return False
    then = after[len(before) - 1]
    if isinstance(last, str) and isinstance(then, str):
        return then.startswith(last)
    return then == last


def grow(text: str, fates: dict[str, bool], *, by: int = 1) -> None:
    """See that nothing which is shown moves, up to the end."""
    before: list[Segment] = []
    for end in range(0, len(text) + 1, by):
        after = segments(text[:end], fates, growing=True)
        assert goes_on(before, after), (text[:end], before, after)
        before = after
    assert goes_on(before, segments(text, fates, growing=False))


@settings(max_examples=500, deadline=None)
@given(texts, fates)
def test_while_a_text_grows_nothing_that_is_shown_moves(text: str, fates: dict[str, bool]) -> None:
    grow(text, fates)


@pytest.mark.parametrize(
    "text",
    [
        f"{a(PDF)}\nend",
        f"{a(PDF)} is on a line with words",
        f"- {a(PDF)}\n12. {a(DOC)}\n",
        f"See {a(PDF)} and\nthen",
        f"See {a(PDF)} with ![b]({PNG}) and\nthen",
        f"`![b]({PNG})` and ![b]({PNG})",
        f"`![b]({PNG}) is not closed\nend",
        f"``` ![b]({PNG})\n``` ![b]({PNG})\n",
        f"~~~ ![b]({PNG})\n~~~ ![b]({PNG})\n",
        f"```a `![b]({PNG})` b```\n",
        "![b](http://x/b_(1).png) and ![b](http://x/b.png 'a (b)') end!",
        f"![`b`]({PNG}) ![b ![b]({PNG}) [![b]({PNG})]({PAGE})",
        f"![a](relative.png) ![a](no) {a('x.pdf')}\n[1] [ ] [x]\n2024 was\n**bold** *it*\n",
    ],
)
@pytest.mark.parametrize("fate", [True, False, None])
def test_nothing_moves_in_what_is_often_written(text: str, fate: bool | None) -> None:
    grow(text, {} if fate is None else dict.fromkeys(linked(text), fate))


@pytest.mark.parametrize(
    "text", [f"![{'b' * 3000}]({PNG}) end", f"a ![b](https://x/{'b' * 3000}.png) end"]
)
def test_what_is_longer_than_any_link_is_not_waited_for(text: str) -> None:
    grow(text, {}, by=50)
    assert segments(text[:2900], {}, growing=True) == [text[:2900]]


@settings(max_examples=300, deadline=None)
@given(texts, st.booleans())
def test_where_nothing_could_be_fetched_the_text_is_whole(text: str, known: bool) -> None:
    fates = dict.fromkeys(linked(text), False) if known else {}
    assert segments(text, fates, growing=False) == ([text] if text else [])


kinds = st.lists(st.sampled_from(["word", "picture", "file", "page", "code"]), max_size=6)
markers = st.sampled_from(["", "- ", "* ", "12. ", "  + "])
lines = st.tuples(markers, kinds) | st.just(("```md", ["picture", "file"]))


class Written:
    """A document, and the segments that it should be cut into if every file is fetched."""

    def __init__(self, lines: list[tuple[str, list[str]]]) -> None:
        self.count = self.files = 0
        self.text = ""
        self.segments: list[Segment] = [""]
        for marker, kinds in lines:
            if marker == "```md":
                self.say(f"```md\n{self.link('picture')[0]}\n{self.link('file')[0]}\n```")
            elif kinds == ["file"] and self.files < MOST:
                source, file = self.link("file")
                self.text += marker + source
                self.segments.append(file)
                self.files += 1
            else:
                self.say(marker)
                self.line(kinds)
            self.say("\n")

    def line(self, kinds: list[str]) -> None:
        behind: list[File] = []
        for kind in kinds:
            source, file = self.link(kind)
            taken = kind in ("picture", "file") and self.files < MOST
            self.files += taken
            if kind == "picture" and taken:
                self.text += source
                self.segments.append(file)
            else:
                self.say(source)
                behind += [file] if taken else []
            self.say(" ")
        self.segments += behind

    def link(self, kind: str) -> tuple[str, File]:
        self.count += 1
        file = File(f"https://x/{self.count}.pdf", f"label {self.count}")
        source = f"[{file.label}]({file.url})"
        match kind:
            case "picture":
                source = f"!{source}"
            case "code":
                source = f"`!{source}`"
            case "word":
                source = f"词{self.count}"
            case "page":
                source = f"[label {self.count}](https://x/{self.count})"
        return source, file

    def say(self, text: str) -> None:
        self.text += text
        last = self.segments[-1]
        if isinstance(last, str):
            self.segments[-1] = last + text
        else:
            self.segments.append(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=6).map(Written))
@example(Written([("", ["word", "file", "word", "picture", "word"]), ("", ["word"])]))
def test_a_text_and_its_files_lose_nothing_and_repeat_nothing(written: Written) -> None:
    assert cut(written.text) == [part for part in written.segments if part]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"![cat]({PNG})", [File(PNG, "cat")]),
        (f"![]({PNG})", [File(PNG, "")]),
        (f"![猫 · 1]({PNG})", [File(PNG, "猫 · 1")]),
        (f"![cat]({PAGE})", [File(PAGE, "cat")]),  # a picture needs no extension
        (f"![cat](<{PNG}>)", [File(PNG, "cat")]),
        (f'![cat]({PNG} "A cat")', [File(PNG, "cat")]),
        (f"![cat]({PNG} 'A cat (1)')", [File(PNG, "cat")]),
        (f"![cat]( {PNG}\t)", [File(PNG, "cat")]),
        ("![cat](http://x/c_(1).png)", [File("http://x/c_(1).png", "cat")]),
        (f"看![猫]({PNG})。", ["看", File(PNG, "猫"), "。"]),
        (f"![a]({PNG})![b]({DOC})", [File(PNG, "a"), File(DOC, "b")]),
        (f"[![a]({PNG})", ["[", File(PNG, "a")]),
        (f"one\n{a(PDF)}\ntwo", ["one\n", File(PDF, "a"), "\ntwo"]),
        (f"- {a(PDF)}\n- {a(DOC)}", [File(PDF, "a"), "\n", File(DOC, "a")]),
        (f"  2) {a(PDF)}  \n", [File(PDF, "a"), "\n"]),
        (f"See {a(PDF)}.\nend", [f"See {a(PDF)}.", File(PDF, "a"), "\nend"]),
        (f"{a(PDF)} {a(DOC)}", [f"{a(PDF)} {a(DOC)}", File(PDF, "a"), File(DOC, "a")]),
        (f"{a(PDF)} ![b]({PNG}) c", [f"{a(PDF)} ", File(PNG, "b"), " c", File(PDF, "a")]),
        (f"> {a(PDF)}", [f"> {a(PDF)}", File(PDF, "a")]),
        (f"{a(PDF)}\r\nend", [File(PDF, "a"), "\nend"]),
        (f"``` not `a` fence\n![b]({PNG})", ["``` not `a` fence\n", File(PNG, "b")]),
        (f"a ` b\n![b]({PNG})", ["a ` b\n", File(PNG, "b")]),
        (f"```\n![b]({PNG})\n```\n![c]({PNG})", [f"```\n![b]({PNG})\n```\n", File(PNG, "c")]),
    ],
)
def test_a_file_stands_where_its_link_stood(text: str, parts: list[Segment]) -> None:
    assert cut(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        f"`![b]({PNG})`",
        f"``![b]({PNG})``",
        f"a `{a(PDF)}` b",
        f"```\n![b]({PNG})\n{a(PDF)}\n```",
        f"```md\n![b]({PNG})",
        f"~~~\n```\n~~~~\n~~~ \n![b]({PNG})\n~~~",
        f"````\n```\n![b]({PNG})\n```\n````",
        f"1. In a list:\n   ```md\n   ![b]({PNG})\n   ```\n",
        f"> ```\n> ![b]({PNG})\n> ```\n",
    ],
)
def test_code_is_not_cut(text: str) -> None:
    assert linked(text) == []
    assert segments(text, {PNG: True, PDF: True}, growing=False) == [text]
    assert segments(text, {PNG: True, PDF: True}, growing=True) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no link",
        a(PAGE),
        a("http://x/pdf"),
        a("http://x/?q=a.pdf"),
        a("http://pdf"),
        a("http://[/a.pdf"),
        a("relative.pdf"),
        "![b](data:image/png;base64,AAAA)",
        "![b](file:///etc/passwd)",
        f"![b]({PNG}",
        f"![b] ({PNG})",
        f"![b\nc]({PNG})",
        f"![b]({PNG} c)",
        "![b](http://x/a(b(c)).png)",
    ],
)
def test_what_links_to_no_file_is_text(text: str) -> None:
    assert linked(text) == []


def test_a_link_that_is_longer_than_any_is_text() -> None:
    assert linked(f"![{'b' * 3000}]({PNG})") == linked(a(f"http://x/{'b' * 3000}.pdf")) == []


@pytest.mark.parametrize("suffix", ["pdf", "PDF", "docx", "mp3", "mp4", "zip", "csv", "jpg"])
def test_a_link_to_a_file_is_known_by_its_extension(suffix: str) -> None:
    assert linked(f"See {a(f'http://x/a.{suffix}?size=1#top')}.") == [
        f"http://x/a.{suffix}?size=1#top"
    ]


def test_the_same_file_is_fetched_once_and_shown_wherever_it_stands() -> None:
    text = f"![a]({PNG}) and ![b]({PNG})"
    assert linked(text) == [PNG]
    assert cut(text) == [File(PNG, "a"), " and ", File(PNG, "b")]


def test_only_so_many_files_are_fetched_and_further_links_stay_links() -> None:
    pictures = [f"![p](http://x/{at})" for at in range(MOST + 2)]
    text = " ".join(pictures)
    assert linked(text) == [f"http://x/{at}" for at in range(MOST)]
    made = segments(text, {f"http://x/{at}": True for at in range(MOST + 2)}, growing=False)
    assert [part for part in made if isinstance(part, File)] == [
        File(f"http://x/{at}", "p") for at in range(MOST)
    ]
    assert made[-1] == " " + " ".join(pictures[MOST:])


def test_what_follows_an_undecided_link_waits_while_the_text_grows() -> None:
    text = f"one ![b]({PNG}) two {a(PDF)}\nthree"
    assert segments(text, {}, growing=True) == ["one "]
    assert segments(text, {PNG: True}, growing=True) == ["one ", File(PNG, "b"), f" two {a(PDF)}"]
    assert segments(text, {PNG: False}, growing=True) == [f"one ![b]({PNG}) two {a(PDF)}"]
    assert segments(text, {}, growing=False) == [text]


def test_only_what_may_yet_become_a_file_or_code_waits() -> None:
    for text in ("Hi ", "1. one", "- a", "See [a", "**b", "`code", "x!y", "[1] a", "#"):
        assert segments(text, {}, growing=True) == [text]
    for text, shown in (("Hi!", "Hi"), ("a\n- [b](ht", "a\n"), ("a ![b", "a "), ("`![", "`")):
        assert segments(text, {}, growing=True) == [shown]


@pytest.mark.parametrize(
    "part",
    [
        "[",
        "![",
        "[x](",
        "![x](",
        "[x](http://a",
        "`",
        "```\n",
        "~~~",
        "\n- [",
        "!",
        "(",
        "[x]",
        " ",
    ],
)
def test_a_text_of_nothing_but_marks_is_read_at_once(part: str) -> None:
    text = f"{part * 5_000}[a]({PDF})\n{part * 5_000}"
    segments(text, {PDF: True}, growing=True)
    segments(text, {PDF: True}, growing=False)
