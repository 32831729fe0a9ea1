"""What the tests of the contract share."""

from pathlib import Path

import pytest
import yaml

from tests.contract.description import Description


@pytest.fixture(scope="module")
def described() -> dict[str, Description]:
    return {}  # read once, as it is large


@pytest.fixture
def official(fixtures: Path, described: dict[str, Description]) -> Description:
    path = fixtures / "openapi.yaml"
    if not path.is_file():
        pytest.skip(f"no description of Coze in {path}")
    if not described:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        described["coze"] = Description(yaml.load(path.read_bytes(), Loader=loader))
    return described["coze"]
