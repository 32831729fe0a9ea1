"""What holds for every file of the project."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "bridge").rglob("*.py"))
PLATFORMS = re.compile(r"telegram|slack", re.IGNORECASE)
TOP = ("*.md", "*.toml", "*.lock", "Makefile", "Dockerfile", ".gitignore", ".dockerignore")
TEXTS = {".py", ".lua", ".js", ".css", ".html", ".yaml", ".yml", ".md", ".json", ".toml", ""}
FOLDERS = ("bridge", "tests", "benchmarks", "config", "docs", ".ci")
A_HOME = re.compile(r"/(?:root|home/\w+|Users/\w+|work)/\w")
AN_INDEX = re.compile(r"--(?:extra-)?index-url|/simple\b|artifactory|pypi\.org", re.IGNORECASE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources() -> Iterator[Path]:
    """Each text file of the project."""
    for pattern in TOP:
        yield from ROOT.glob(pattern)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXTS:
                yield path


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def docstrings(module: ast.Module) -> set[int]:
    """The ids of the nodes that are docstrings."""
    found = set()
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(module):
        if isinstance(node, kinds) and ast.get_docstring(node):
            expression = node.body[0]
            assert isinstance(expression, ast.Expr)
            found.add(id(expression.value))
    return found


def words(module: ast.Module) -> Iterator[str]:
    """The identifiers and strings of a module, but for its docstrings."""
    prose = docstrings(module)
    for node in ast.walk(module):
        for field in ("id", "attr", "arg", "name"):
            if isinstance(value := getattr(node, field, None), str):
                yield value
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in prose
        ):
            yield node.value


def test_a_file_can_be_read_in_one_sitting():
    lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {path: long for path, long in lines.items() if long >= 300} == {}


def test_a_function_fits_on_a_screen():
    lines = {
        f"{name(path)}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in MODULES
        for function in functions(path)
    }
    assert {function: long for function, long in lines.items() if long >= 40} == {}


def test_a_module_says_what_it_is_for():
    assert [name(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


@pytest.mark.parametrize("folder", ["core", "flow"])
def test_the_inside_names_no_platform(folder: str):
    found = {
        (path.name, word)
        for path in (ROOT / "bridge" / folder).rglob("*.py")
        for word in words(tree(path))
        if PLATFORMS.search(word)
    }
    known = {("texts.py", "help.slack"), ("commands.py", "slack"), ("commands.py", "help.slack")}
    assert found - known == set()


def test_no_file_tells_of_the_machine_that_it_was_written_on():
    found = {
        f"{name(path)}: {match[0]}"
        for path in sources()
        for match in A_HOME.finditer(path.read_text("utf-8"))
        if path != Path(__file__)
    }
    assert found == set()


def test_no_file_names_a_package_index():
    found = {
        f"{name(path)}: {match[0]}"
        for path in sources()
        if path.suffix in {".lock", ".toml", ".yaml", ".yml", ".cfg"} or path.name == "Dockerfile"
        for match in AN_INDEX.finditer(path.read_text("utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_what_is_locked_is_pinned_and_hashed_and_from_nowhere(lock: str):
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?:", text)
    assert not re.search(r"^-", text, re.MULTILINE)  # no option: no index, no editable, no file
    pins = re.split(r"\n(?=\w)", text.strip())
    for pin in pins:
        assert re.match(r"[\w.-]+==[\w.]+", pin), pin
        assert "--hash=sha256:" in pin, pin


def test_each_dependency_has_a_lower_and_an_upper_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [each for group in groups for each in group if isinstance(each, str)]
    for each in wanted:
        versions = each.partition(";")[0]
        assert "==" in versions or (">=" in versions and ",<" in versions), each


def test_what_is_bounded_is_what_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = (ROOT / "requirements.lock").read_text("utf-8").lower()
    for each in project["project"]["dependencies"]:
        package = re.split(r"[<>=!~; \[]", each)[0].lower()
        assert re.search(rf"^{re.escape(package)}==", lock, re.MULTILINE), package
