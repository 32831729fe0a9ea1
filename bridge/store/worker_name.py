"""A name that a worker finds again after a restart, so that it can take its own work back."""

import fcntl
import secrets
from pathlib import Path
from typing import IO

_MOST = 64  # bridges that share one directory


class WorkerName:
    """The first name in `state_dir` that nobody alive uses; ours until closed."""

    def __init__(self, state_dir: Path) -> None:
        self._file: IO[str] | None = None
        self.name = self._free(state_dir) or secrets.token_hex(8)

    def close(self) -> None:
        """Leave the name to others."""
        if self._file:
            self._file.close()

    def _free(self, state_dir: Path) -> str | None:
        """Claim one of the names, or None where nothing can be written."""
        try:
            state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number in range(_MOST):
                file = (state_dir / f"worker-{number}").open("a+")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    file.close()
                    continue
                self._file = file
                return _written(file)
        except OSError:
            pass  # a read-only container: its leases run out instead
        return None


def _written(file: IO[str]) -> str:
    """The name in the file; a new one is written into an empty file."""
    file.seek(0)
    if name := file.read().strip():
        return name
    name = secrets.token_hex(8)
    file.write(name)
    file.flush()
    return name
