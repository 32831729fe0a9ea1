import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from bridge.store.worker_name import WorkerName

Named: TypeAlias = Callable[[Path], str]

PROCESS = """
import sys
from pathlib import Path
from bridge.store.worker_name import WorkerName
name = WorkerName(Path(sys.argv[1]))
print(name.name, flush=True)
sys.stdin.read()
"""


def process(path: Path) -> tuple[subprocess.Popen[str], str]:
    child = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    return child, child.stdout.readline().strip()


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def test_a_killed_process_finds_its_name_again(tmp_path: Path):
    child, name = process(tmp_path)
    end(child)
    child, again = process(tmp_path)
    end(child)
    assert name == again
    assert name


def test_two_processes_never_have_the_same_name(tmp_path: Path):
    first, name = process(tmp_path)
    second, other = process(tmp_path)
    assert name != other
    end(first)
    third, again = process(tmp_path)  # the first name is free, the second is not
    assert again == name
    end(second)
    end(third)


@pytest.fixture
def named() -> Iterator[Callable[[Path], str]]:
    """Makes workers, and ends them with the test."""
    workers: list[WorkerName] = []

    def make(path: Path) -> str:
        workers.append(WorkerName(path))
        return workers[-1].name

    yield make
    for worker in workers:
        if worker._file:
            worker._file.close()


def test_two_workers_of_one_process_have_names_of_their_own(tmp_path: Path, named: Named):
    assert len({named(tmp_path) for _ in range(3)}) == 3


def test_other_directories_have_other_names(tmp_path: Path, named: Named):
    assert named(tmp_path / "a") != named(tmp_path / "b")


def test_where_nothing_can_be_written_there_is_a_name_all_the_same(tmp_path: Path, named: Named):
    (tmp_path / "file").write_text("")
    names = {named(tmp_path / "file" / "below") for _ in range(3)}
    assert len(names) == 3
    assert "" not in names


def test_an_empty_file_of_a_killed_process_gets_a_name(tmp_path: Path, named: Named):
    (tmp_path / "worker-0").write_text("")
    name = named(tmp_path)
    assert name
    assert (tmp_path / "worker-0").read_text() == name


def test_a_name_has_no_colon(tmp_path: Path, named: Named):
    assert ":" not in named(tmp_path)  # it ends at the first one of an owner
