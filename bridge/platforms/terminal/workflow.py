"""One workflow in the terminal: its output as it comes, its questions as they come up."""

import asyncio
import sys
from collections.abc import Sequence

from bridge.core.errors import BridgeError, Rejected
from bridge.core.inputs import BadInput, converted, missing, typed
from bridge.core.model import Asked, Reply
from bridge.core.ports import Workflow
from bridge.core.texts import say, trouble
from bridge.platforms.terminal.ask import told


async def run_workflow(workflow: Workflow, words: Sequence[str], *, main: str, user: str) -> bool:
    """Run it with `key=value` words; print its output, and all else on standard error.

    Returns whether it ended well.
    """
    try:
        inputs = await _inputs(workflow, words, main)
        reply = await told(workflow.run(user, inputs))
        while reply.asked:
            if reply.text:
                print(flush=True)  # what comes then is another line
            answer = await _answer(reply.asked)
            reply = await told(workflow.resume(reply.asked.resume, answer))
    except BridgeError as error:
        print(f"\n{trouble(error, 'en')}\n{error}", file=sys.stderr)
        return False
    print(flush=True)
    _tell_usage(reply)
    return True


async def _inputs(workflow: Workflow, words: Sequence[str], main: str) -> dict[str, object]:
    """What was typed, as the workflow wants it.

    Raises:
        Rejected: something is missing, or of another type.
    """
    parameters = await workflow.parameters()
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        known = any(parameter.name == name for parameter in parameters)
        if equals and name.isidentifier() and (known or not parameters):
            values[name] = value
        else:
            values |= typed(word, parameters, main)
    if needed := missing(values, parameters):
        raise Rejected(f"{needed.name}: missing; add {needed.name}=VALUE ({needed.type})")
    try:
        return converted(values, parameters)
    except BadInput as bad:
        kind = bad.parameter.type
        raise Rejected(f"{bad.parameter.name}: found {bad.found}, expected {kind}") from bad


async def _answer(asked: Asked) -> str:
    """The user's answer; an option may be given by its number."""
    print(f"\n? {asked.question or say('asked', 'en')}", file=sys.stderr)
    for number, option in enumerate(asked.options, 1):
        print(f"  {number}. {option}", file=sys.stderr)
    print("> ", end="", file=sys.stderr, flush=True)
    line = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        raise Rejected("the workflow waits for an answer, and there is nobody to give one")
    answer = line.strip()
    at = int(answer) - 1 if answer.isdigit() else -1
    return asked.options[at] if 0 <= at < len(asked.options) else answer


def _tell_usage(reply: Reply) -> None:
    if used := reply.usage:
        line = f"tokens: {used.total} ({used.input} in, {used.output} out)"
        print(line, file=sys.stderr)
