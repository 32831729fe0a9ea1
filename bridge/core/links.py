"""Pictures and files that an answer links to, and where they stand in its text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

MOST = 10  # files of one answer; further links stay links

_LONGEST = 2_048  # characters of a link
_MARKER = r"[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]*)?"  # what a line may have before a link that is alone
_ALONE = re.compile(_MARKER)

# Code comes first, so that links in it are none. A label has no brackets, and parentheses
# are in pairs: so each beginning of a link matches _HALF, and nothing else has to be held back.
_CODE = (
    r"^[ \t>]*(?P<fence>`{3,}(?=[^`\n]*\n)|~{3,}(?=[^\n]*\n)).*?(?:^[ \t>]*(?P=fence)[^\n]*$|\Z)"
    r"|`[^`\n]+`"
)
_ADDRESS = r"<?(?P<url>https?://(?:[^\s()<>]|\([^\s()<>]*\))+)>?"
_TITLE = r"[\"'](?:[^\"'()\n]|\([^\"'()\n]*\))*[\"']"
_LINK = (
    r"(?P<picture>!?)\[(?P<label>[^\[\]\n]*)\]"
    rf"\([ \t]*{_ADDRESS}(?:[ \t]+{_TITLE})?[ \t]*\)"
)
_HALF = (
    rf"(?=[^\n]{{0,{_LONGEST}}}\Z)"
    r"\[[^\[\]\n]*(?:\](?:\((?:[^()\n]|\([^()\n]*\))*(?:\([^()\n]*)?)?)?\Z"
)
_OPEN = (  # what the next characters may make a picture, a link on a line of its own, or code
    rf"(?P<half>!(?:(?=\[){_HALF}|\Z)|^{_MARKER}(?:{_HALF}|\Z)|^[ \t]*\d+\Z)"
    r"|(?P<code>`[^`\n]*\Z|^[ \t>]*~{3,}[^\n]*\Z)"
)
_WHOLE = re.compile(f"{_CODE}|{_LINK}", re.MULTILINE | re.DOTALL)
_GROWING = re.compile(f"{_CODE}|{_LINK}|{_OPEN}", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!(?:\[|\Z)")
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
    return list(dict.fromkeys(link.url for link in _links(text, _WHOLE.finditer(text))))[:MOST]


def segments(text: str, fetched: Mapping[str, bool], *, growing: bool) -> list[Segment]:
    """The text, cut where files take the place of links to them.

    `fetched` says of an address whether there is a file behind it; one that could not be
    fetched stays a link. While the text is `growing`, what follows a link that is not yet
    decided is held back, and so is what may yet become a link or code: nothing which is
    shown has to move.
    """
    made: list[Segment] = []
    tokens = list((_GROWING if growing else _WHOLE).finditer(text))
    begin, end, wanted = 0, _settled(text, tokens), set(linked(text))
    for link in sorted(_links(text, tokens), key=lambda link: link.start):
        if link.url not in wanted or fetched.get(link.url) is False:
            continue
        if growing and (link.url not in fetched or link.start >= end or not link.placed):
            end = min(end, link.start)
            break
        if link.url in fetched:
            made += [text[begin : link.start], File(link.url, link.label)]
            begin = link.end
    return [part for part in (*made, text[begin:end]) if part]


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    label: str
    start: int  # the text between `start` and `end` gives way to the file
    end: int
    placed: bool  # no further text changes where


def _settled(text: str, tokens: Sequence[re.Match[str]]) -> int:
    """How far the text stays what it is, whatever follows; all of it if it is whole."""
    last = tokens[-1] if tokens else None
    if last and last.lastgroup == "half":
        return last.start()
    if last and last.lastgroup == "code" and (picture := _PICTURE.search(text, last.start())):
        return picture.start()
    return len(text)


def _links(text: str, tokens: Iterable[re.Match[str]]) -> Iterator[_Link]:
    """The tokens that are links to pictures and files."""
    for token in tokens:
        url, start, end = token["url"], token.start(), token.end()
        if not url or end - start > _LONGEST:
            continue
        if token["picture"]:
            yield _Link(url, token["label"], start, end, placed=True)
        elif _is_file(url):
            yield _beside(text, token)


def _beside(text: str, link: re.Match[str]) -> _Link:
    """A file in place of a link that has its line to itself, else behind the line."""
    begin = text.rfind("\n", 0, link.start()) + 1
    end = text.find("\n", link.end())
    placed = end >= 0
    end = end if placed else len(text)
    alone = _ALONE.fullmatch(text, begin, link.start()) and not text[link.end() : end].strip()
    return _Link(link["url"], link["label"], begin if alone else end, end, placed)


def _is_file(url: str) -> bool:
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return path.rpartition(".")[2].lower() in _FILES
