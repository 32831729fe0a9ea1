"""From bytes to events, by the letter of the standard."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coze.rig import bytewise, decoded

BOM = b"\xef\xbb\xbf"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8) | (
    st.sampled_from(["\u2028", "a\u0085b", "\ufeff", ": ", "data:", '{"a":1}'])
)
EXTRAS = st.sampled_from([b"", b": ping", b":", b"id: 7", b"id", b"retry: 10"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A stream in any legal dress, and the events that are in it."""
    stream, events = draw(st.sampled_from([b"", BOM])), []
    for name, texts in draw(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3)), max_size=5)):
        fields = [("event", name)] * bool(name) + [("data", text) for text in texts]
        lines = []
        for field, value in fields:
            space = " " if value.startswith(" ") else draw(st.sampled_from(["", " "]))
            lines += [draw(EXTRAS), f"{field}:{space}{value}".encode()]
        end = draw(st.sampled_from([b"\n", b"\r", b"\r\n"]))
        stream += b"".join(line + end for line in lines if line) + (end if lines else b"")
        data = "\n".join(texts).encode()
        events += [(name, data)] if name or data else []
    if draw(st.booleans()):
        stream = stream.rstrip(b"\r\n")
    return stream, events


def in_chunks(stream: bytes, sizes: list[int]) -> list[bytes]:
    chunks = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    return [*chunks, stream]


SIZES = st.lists(st.integers(0, 9), max_size=40)


@settings(deadline=None, max_examples=150)
@given(streams(), SIZES)
def test_a_stream_means_the_same_however_it_is_chopped(
    made: tuple[bytes, list[tuple[str, bytes]]], sizes: list[int]
) -> None:
    stream, events = made
    assert decoded([stream]) == (events, b"")
    assert decoded(in_chunks(stream, sizes)) == (events, b"")
    assert decoded(bytewise(stream)) == (events, b"")


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([b"\r", b"\n", b"data", b":", b" ", b"event", b"x"])), SIZES)
def test_rubbish_means_the_same_however_it_is_chopped(
    parts: list[bytes], sizes: list[int]
) -> None:
    stream = b"".join(parts)
    assert decoded(in_chunks(stream, sizes)) == decoded([stream]) == decoded(bytewise(stream))


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"event:a\ndata:1\n\nevent: b\ndata: 2\n\n", [("a", b"1"), ("b", b"2")]),
        (b"event:a\r\ndata:1\r\n\r\n", [("a", b"1")]),
        (b"event:a\rdata:1\r\revent:b\rdata:2\r\r", [("a", b"1"), ("b", b"2")]),
        (b"event:a\ndata:1", [("a", b"1")]),
        (b"event:a\ndata:1\n", [("a", b"1")]),
        (b"event:a\r\ndata:1\r", [("a", b"1")]),
        (b"data:1\ndata:\ndata: 2\n\n", [("", b"1\n\n2")]),
        (b"data:  two\n\n", [("", b" two")]),
        (b"data\n\n", []),
        (b"event:a\ndata:\n\n", [("a", b"")]),
        (b"event:a\n\ndata:1\n\n", [("a", b""), ("", b"1")]),
        (b"event:a\nevent:b\n\n", [("b", b"")]),
        (b": ping\n\n:\n\nid:1\nretry:3\n\n", []),
        (b"id:1\nevent:a\n: ping\ndata:1\nretry:5\n\n", [("a", b"1")]),
        (BOM + b"event:a\ndata:1\n\n", [("a", b"1")]),
        (BOM + b"data:1\n\n", [("", b"1")]),
        (BOM + b": ping\n\nevent:a\ndata:1\n\n", [("a", b"1")]),
        ("data:a\u2028b\u0085c\x0bd\n\n".encode(), [("", "a\u2028b\u0085c\x0bd".encode())]),
        (b"\n\n\n\n", []),
        (b"", []),
    ],
)
def test_a_stream_is_read_by_the_letter_of_its_standard(
    stream: bytes, events: list[tuple[str, bytes]]
) -> None:
    assert decoded([stream]) == decoded(bytewise(stream)) == (events, b"")


def test_a_field_of_another_name_names_no_event() -> None:
    assert decoded([b"prevent:a\ndata:1\n\n"])[0] == [("", b"1")]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_bare_json_error_after_the_events_is_kept_apart(end: bytes) -> None:
    stray = b'{"code":4013,"msg":"busy: later","data":null}'
    stream = b"event:a\ndata:1\n\n" + stray + end
    assert decoded([stream]) == decoded(bytewise(stream)) == ([("a", b"1")], stray)
