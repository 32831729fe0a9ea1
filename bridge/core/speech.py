"""From an answer in Markdown to what can be read aloud."""

import re
from itertools import accumulate

_FENCE = re.compile(
    r"^[ \t>]*(`{3,}(?![^\n]*`)|~{3,}).*?(?:^[ \t>]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL
)
_TARGET = r"\((?:[^()\n]|\([^()\n]*\))*\)"
_PICTURE = re.compile(rf"!\[[^\[\]\n]*\]{_TARGET}")
_LINK = re.compile(rf"\[([^\[\]\n]*)\]{_TARGET}")
_ADDRESS = re.compile(r"<?https?://[!-~]*(?<![.,;:!?])")  # Chinese goes on without a space
_MARKS = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\|)|[`|]+|\*{2,}|_{2,}|~{2,}"
    r"|(?!(?<=[\dA-Za-z]).[\dA-Za-z]|(?<=\s).\s)[*_]",  # but not of 5*6, a_b and 5 * 6
    re.MULTILINE,
)
_SENTENCE = re.compile(  # which does not end in 3.14
    r"(?:[^.!?。！？\n]|[.!?]++(?!\s|\Z))*(?:[.!?]+|[。！？]+|\n+|\Z)"
)


def spoken(markdown: str) -> str:
    """The words of an answer, without its code, pictures, addresses and marks."""
    text = _PICTURE.sub("", _FENCE.sub("", markdown))
    text = _ADDRESS.sub("", _LINK.sub(r"\1", text))
    return re.sub(r"\n{2,}", "\n", _MARKS.sub("", text)).strip()


def portions(text: str, most: int) -> list[str]:
    """The text in sentences, as many together as have at most `most` bytes in UTF-8."""
    made = [""]
    for sentence in (part for whole in _SENTENCE.findall(text) for part in _short(whole, most)):
        if len((made[-1] + sentence).encode()) > most:
            made.append("")
        made[-1] += sentence
    return [portion.strip() for portion in made if portion.strip()]


def _short(sentence: str, most: int) -> list[str]:
    """A sentence, cut where it is longer than a portion may be."""
    parts, rest = [], sentence
    while len(rest.encode()) > most:
        sizes = accumulate(len(char.encode()) for char in rest)
        fits = sum(1 for size in sizes if size <= most)
        space = rest.rfind(" ", 0, fits) + 1
        parts.append(rest[: space or fits])
        rest = rest[space or fits :]
    return [*parts, rest]
