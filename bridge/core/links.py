"""Pictures and files that an answer links to, and where they stand in its text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

MOST = 10  # files of one answer; further links stay links

_ADDRESS = r"<?(https?://(?:[^\s()<>]|\([^\s()<>]*\))+)>?"
_LINK = re.compile(rf"(!?)\[([^\]\n]*)\]\([ \t]*{_ADDRESS}(?:[ \t]+[\"'][^\"'\n]*[\"'])?[ \t]*\)")
_CODE = re.compile(
    r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1[^\n]*$|\Z)|`[^`\n]+`", re.MULTILINE | re.DOTALL
)
_OPEN = re.compile(r"!\[[^\]\n]*(?:\]|\]\([^)\n]*)?\Z|!\Z")  # the beginning of a picture
_LONGEST = 2_048  # characters of a link that may yet become one
_ALONE = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])?[ \t]*")  # what a line may have beside a link
_FILES = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "csv",
        "txt",
        "md",
        "rtf",
        "epub",
        "json",
        "xml",
        "zip",
        "rar",
        "7z",
        "gz",
        "tar",
        "mp3",
        "wav",
        "ogg",
        "m4a",
        "flac",
        "aac",
        "mp4",
        "mov",
        "webm",
        "mkv",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "bmp",
    ]
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that stands where the link to it stood."""

    url: str
    label: str


Segment: TypeAlias = str | File


def linked(text: str) -> list[str]:
    """The addresses of the pictures and files that a text links to, in order."""
    if "](" not in text:
        return []
    return list(dict.fromkeys(link.url for link in _links(text)))[:MOST]


def segments(text: str, fetched: Mapping[str, bool], *, growing: bool) -> list[Segment]:
    """The text, cut where files take the place of links to them.

    `fetched` says of an address whether there is a file behind it; one that could not be
    fetched stays a link. While the text is `growing`, what follows a link that is not yet
    decided is held back, so that nothing which is shown has to move.
    """
    made: list[Segment] = []
    begin, wanted = 0, set(linked(text))
    for link in _links(text) if wanted else ():
        if link.url not in wanted or fetched.get(link.url) is False:
            continue
        if link.url in fetched:
            made += [text[begin : link.start], File(link.url, link.label)]
            begin = link.end
        elif growing:
            return [*made, text[begin : link.start]]
    end = len(text)
    if growing and (half := _OPEN.search(text, max(begin, end - _LONGEST))):
        end = end if _in_code(text, half.start()) else half.start()
    return [part for part in (*made, text[begin:end]) if part]


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    label: str
    start: int  # the text between `start` and `end` gives way to the file
    end: int


def _links(text: str) -> Iterator[_Link]:
    """Links to pictures and files outside of code."""
    code = [match.span() for match in _CODE.finditer(text)] if "`" in text or "~" in text else []
    for match in _LINK.finditer(text):
        if any(start <= match.start() < end for start, end in code):
            continue
        picture, label, url = match.groups()
        if picture:
            yield _Link(url, label, match.start(), match.end())
        elif _is_file(url):
            yield _Link(url, label, *_place(text, match))


def _place(text: str, link: re.Match[str]) -> tuple[int, int]:
    """Where a file goes: in place of a link that has its line to itself, else behind the line."""
    begin = text.rfind("\n", 0, link.start()) + 1
    end = text.find("\n", link.end())
    end = len(text) if end < 0 else end
    alone = _ALONE.fullmatch(text, begin, link.start()) and not text[link.end() : end].strip()
    return (begin, end) if alone else (end, end)


def _is_file(url: str) -> bool:
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return path.rpartition(".")[2].lower() in _FILES


def _in_code(text: str, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in _CODE.finditer(text))
