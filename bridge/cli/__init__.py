"""The command line: what can be typed, and what each command is."""

import argparse
import sys
from collections.abc import Callable, Sequence

from bridge import __version__
from bridge.cli.ask import ask
from bridge.cli.loop import Failure
from bridge.cli.operate import check, dead, manifest, turn
from bridge.cli.pair import pair
from bridge.cli.sandbox import sandbox
from bridge.cli.serve import run
from bridge.cli.workflow import workflow
from bridge.config import ConfigError, environment

_FILE = "default: $BRIDGE_CONFIG, else config/bridge.yaml"
FAILED, WRONG = 1, 2  # exit codes; 0 is fine

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    args = _parser().parse_args(argv)
    try:
        return int(args.command(args, environment()))
    except ConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return WRONG
    except Failure as error:
        print(f"coze-bridge: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED


def _port(text: str) -> int:
    """A port of the command line."""
    if text.isdigit() and int(text) <= 65_535:  # noqa: PLR2004 - the last port
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text}, expected a port from 0 to 65535")


class _Commands:
    """The commands of a parser, as they are added."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._all = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        self, name: str, command: Callable[..., int], help_: str, *, file: bool = True
    ) -> argparse.ArgumentParser:
        """A command, with -c FILE unless it needs none."""
        made = self._all.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(command=command)
        if file:
            made.add_argument("-c", dest="file", metavar="FILE", help=_FILE)
        return made


def _parser() -> argparse.ArgumentParser:
    about = "Talk to Coze bots in Telegram, mention them in Slack."
    parser = argparse.ArgumentParser("coze-bridge", description=about, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"coze-bridge {__version__}")
    commands = _Commands(parser)
    _add_serving(commands)
    _add_asking(commands)
    _add_looking(commands)
    return parser


def _add_serving(commands: _Commands) -> None:
    made = commands.add("run", run, "start every configured channel")
    made.add_argument(
        "--or-sandbox", action="store_true", help="where tokens are missing, start the sandbox"
    )
    made = commands.add("check", check, "validate the file, then ask everyone that it names")
    made.add_argument("--offline", action="store_true", help="validate the file only")
    about = "the bridge with simulated platforms, and a page to type in"
    made = commands.add("sandbox", sandbox, about, file=False)
    made.add_argument("--port", type=_port, default=8800, help="of the page; default: 8800")


def _add_asking(commands: _Commands) -> None:
    made = commands.add("ask", ask, "one question from the terminal, its answer streamed")
    made.add_argument("--bot", metavar="NAME", help="default: the first of the file")
    made.add_argument("--conversation", metavar="ID", help="go on in this conversation")
    made.add_argument("--no-stream", action="store_true", help="poll for the whole answer")
    about = "send a file along; may be given again"
    made.add_argument("--attach", metavar="FILE", action="append", default=[], help=about)
    made.add_argument("text", metavar="TEXT")
    made = commands.add("workflow", workflow, "run a workflow from the terminal")
    made.add_argument("--no-stream", action="store_true", help="wait for the whole output")
    made.add_argument("name", metavar="NAME_OR_ID", help="its command in the file, or its id")
    made.add_argument("inputs", metavar="key=value", nargs="*", help="its inputs")


def _add_looking(commands: _Commands) -> None:
    made = commands.add("turn", turn, "what is known of one turn, by the id beside an error")
    made.add_argument("id", metavar="ID", help="as the error message shows it")
    made = commands.add("pair", pair, "let in whoever was given this code")
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("code", metavar="CODE", nargs="?", help="as they tell it")
    which.add_argument("--list", action="store_true", help="all who were let in")
    which.add_argument("--remove", metavar="ID", help="let this user in no more")
    made = commands.add("dead", dead, "messages that were given up after repeated failure")
    made.add_argument("action", choices=["list", "retry", "drop"])
    made.add_argument("id", metavar="ID", nargs="?", help="of the message, as listed")
    about = "print the Slack app manifest to paste"
    made = commands.add("manifest", manifest, about, file=False)
    made.add_argument("platform", choices=["slack"])
    about = "for mode: http, where Slack reaches the bridge at this https:// address"
    made.add_argument("--http", metavar="URL", help=about)
    about = "with --http: the channel's name in the configuration; default: slack"
    made.add_argument("--channel", metavar="NAME", default="slack", help=about)
    about = "hear only mentions in channels, and read nothing else there"
    made.add_argument("--mention-only", action="store_true", help=about)
