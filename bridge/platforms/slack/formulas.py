"""Formulas, which Slack does not know, as letters and signs that anybody can read. Pure."""

import re
from collections.abc import Callable

from telegramify_markdown.latex_escape.helper import LatexToUnicodeHelper

from bridge.core.inline import tokens

# Between two dollars there may be anything; a formula has one of these, or is a name, and
# between prices there are more dollars.
_IS_FORMULA = re.compile(r"\A(?=.*[\\^_={}])[^$`]*\Z|\A\s*[A-Za-z]\s*\Z", re.DOTALL)
_converted: Callable[[str], str] = LatexToUnicodeHelper().convert


def with_readable_formulas(text: str) -> str:
    """A paragraph in which each formula is code: `$x^2$` is `` `x²` ``."""
    made, done = [], 0
    for token in tokens(text):
        if token.kind == "math" and token.whole:
            source = text[token.begin : token.end]
            made += [text[done : token.begin], _readable(source)]
            done = token.end
    return "".join([*made, text[done:]])


def _readable(source: str) -> str:
    """One formula; as it stands where it is none, or says nothing when it is read."""
    marks = 2 if source[:2] in ("$$", "\\(", "\\[") else 1
    formula = source[marks:-marks].strip()
    if not _IS_FORMULA.match(formula):
        return source
    # A bar would end the cell of a table.
    said = " ".join(_converted(formula).split()).replace("|", "∣")
    return f"`{said}`" if said and "`" not in said else source
