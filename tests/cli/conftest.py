"""Commands as they are typed: in processes of their own, or quickly in this one."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.sandbox.coze import CozeSimulator
from bridge.wire.serve import serve
from tests.cli.typed import ROOT, Account, Cli, Ran


@pytest.fixture
def start(tmp_path: Path):
    """Starts `python -m bridge` in a directory of its own, with only what it is given."""

    async def start(*args: str, **env: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bridge", *args),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)} | env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    return start


@pytest.fixture
def cli(start) -> Cli:
    """Runs it to its end; no end of it is a traceback, and none shows a secret."""

    async def cli(*args: str, stdin: str = "", **env: str) -> Ran:
        process = await start(*args, **env)
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin.encode())
        ran = Ran(process.returncode or 0, out.decode(), err.decode())
        assert "Traceback" not in ran.err, ran.err
        assert "hunter2" not in ran.out + ran.err
        return ran

    return cli


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """Runs it in this process, which takes less time; for commands that end by themselves."""
    monkeypatch.chdir(tmp_path)

    async def here(*args: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = await asyncio.to_thread(main, args)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ran(code, out, err)

    return here


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[Account]:
    """An account at a simulated Coze, and a file that names it."""
    coze = CozeSimulator(pace=0.0, workflows={})
    async with serve(coze.app) as url:
        yield Account(coze, url, tmp_path / "bridge.yaml")
