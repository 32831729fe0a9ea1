"""The commands that a chat user can give, on every platform."""

COMMANDS = ("start", "new", "stop", "retry", "help")


def pressed(command: str) -> tuple[str, str]:
    """The command and the argument that a button stands for ("stop:42" is ("stop", "42"))."""
    name, _, argument = command.partition(":")
    return name, argument
