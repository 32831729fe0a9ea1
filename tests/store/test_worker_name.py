import subprocess
import sys
from pathlib import Path

from bridge.store.worker_name import WorkerName

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


def test_two_workers_of_one_process_have_names_of_their_own(tmp_path: Path):
    workers = [WorkerName(tmp_path) for _ in range(3)]
    assert len({worker.name for worker in workers}) == 3


def test_other_directories_have_other_names(tmp_path: Path):
    assert WorkerName(tmp_path / "a").name != WorkerName(tmp_path / "b").name


def test_where_nothing_can_be_written_there_is_a_name_all_the_same(tmp_path: Path):
    (tmp_path / "file").write_text("")
    names = {WorkerName(tmp_path / "file" / "below").name for _ in range(3)}
    assert len(names) == 3
    assert "" not in names


def test_an_empty_file_of_a_killed_process_gets_a_name(tmp_path: Path):
    (tmp_path / "worker-0").write_text("")
    assert WorkerName(tmp_path).name


def test_a_name_has_no_colon(tmp_path: Path):
    assert ":" not in WorkerName(tmp_path).name  # it ends at the first one of an owner
