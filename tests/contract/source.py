"""What the bridge's client is seen to use of Coze's API when its source is read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "bridge" / "coze"
TREES = {path.name: ast.parse(path.read_text("utf-8")) for path in sorted(CLIENT.glob("*.py"))}
_PATH = re.compile(r"/(v\d|api)/")


def paths() -> dict[str, str]:
    """Each path that it calls, as a regular expression, with the file in which it stands."""
    found = {}
    for name, tree in TREES.items():
        made = [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr)]
        parts = {id(part) for each in made for part in each.values}
        for node in ast.walk(tree):
            if id(node) not in parts and _PATH.match(pattern := _pattern(node)):
                found[pattern] = name
    return found


def fields() -> set[str]:
    """The names of all that it looks for in Coze's answers, and of what it takes from there."""
    return {name for tree in TREES.values() for node in ast.walk(tree) for name in _names(node)}


def events(file: str) -> set[str]:
    """The events of a stream that a file tells apart, without "conversation."."""
    functions = (each for each in ast.walk(TREES[file]) if isinstance(each, ast.FunctionDef))
    (understand,) = (each for each in functions if each.name == "understand")
    found = [text for node in ast.walk(understand) for text in _compared(node)]
    return {text.removeprefix("conversation.") for text in found}


def kinds() -> set[str]:
    """The types of messages that it tells apart."""
    found: set[str] = set()
    for node in ast.walk(TREES["decode.py"]):
        if isinstance(node, ast.Match) and ast.unparse(node.subject) == "message.type":
            found.update(text for case in node.cases for text in _compared(case.pattern))
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "message.type":
            found.update(_compared(node))
    return found


def _compared(node: ast.AST) -> Iterator[str]:
    """The texts with which something is compared here."""
    match node:
        case ast.MatchValue(ast.Constant(str(text))):
            yield text
        case ast.MatchOr(patterns):
            for each in patterns:
                yield from _compared(each)
        case ast.Compare(comparators=[ast.Constant(str(text))]):
            yield text
        case ast.Compare(comparators=[ast.Tuple(listed)]):
            yield from _texts(listed)
        case _:
            return


def _pattern(node: ast.AST) -> str:
    """A text as a regular expression in which any value stands for what is put into it."""
    match node:
        case ast.Constant(str(text)):
            return re.escape(text)
        case ast.JoinedStr(parts):
            return "".join(_pattern(part) or "[^/]+" for part in parts)
        case _:
            return ""


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(str(name)), *_]):
            yield name  # told.get("name")
        case ast.Subscript(slice=ast.Constant(str(name))):
            yield name  # told["name"]
        case ast.Assign(targets=[ast.Name(id="keys")], value=ast.Tuple(listed)):
            yield from _texts(listed)  # keys = ("name", …)
        case ast.comprehension(iter=ast.Tuple(listed)):
            yield from _texts(listed)  # for key in ("name", …)
        case ast.ClassDef(bases=[ast.Attribute(attr="Struct")], body=body):
            for each in body:
                if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                    yield each.target.id
        case _:
            return


def _texts(listed: list[ast.expr]) -> Iterator[str]:
    for each in listed:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
