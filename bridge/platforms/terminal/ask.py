"""One question in the terminal, its answer as it comes."""

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

from bridge.core.errors import BridgeError
from bridge.core.model import Answered, Doing, Reply, ReplyEvent, Said, Started, Thought
from bridge.core.ports import Backend, Question
from bridge.core.reply import fold
from bridge.core.texts import say, trouble


async def ask(backend: Backend, question: Question, *, thoughts: bool = False) -> bool:
    """Ask, and print the answer on standard output, all else on standard error.

    `thoughts` prints the reasoning too. Returns whether there is an answer. Cancelling it stops
    the run at Coze.
    """
    run = None

    async def watched() -> AsyncGenerator[ReplyEvent, None]:
        nonlocal run
        async with aclosing(backend.ask(question)) as events:
            async for event in events:
                if isinstance(event, Started):
                    run = event.run
                    _tell(f"conversation_id: {run.conversation}")
                yield event

    try:
        reply = await told(watched(), thoughts=thoughts)
    except BridgeError as error:
        _tell(f"\n{trouble(error, 'en')}\n{error}")
        return False
    except BaseException:
        if run:
            await backend.cancel(run)
        raise
    print(flush=True)
    for suggestion in reply.suggestions:
        _tell(f"? {suggestion}")
    if reply.usage:
        used = reply.usage
        _tell(f"tokens: {used.total} ({used.input} in, {used.output} out)")
    return True


async def told(source: AsyncGenerator[ReplyEvent, None], *, thoughts: bool = False) -> Reply:
    """Print what is said as it comes, and on standard error what is thought and done."""
    reply = Reply()
    async with aclosing(source) as events:
        async for event in events:
            before, reply = reply, fold(reply, event)
            if isinstance(event, Said | Answered):
                _print_more(before.text, reply.text)
            elif isinstance(event, Thought) and thoughts:
                print(event.delta, end="", file=sys.stderr, flush=True)
            elif isinstance(event, Doing) and reply.doing != before.doing:
                _tell(say(f"doing.{event.what}", "en", name=event.name))
    return reply


def _print_more(before: str, now: str) -> None:
    """Print what has come; where Coze took something back, all of it once more."""
    more = now[len(before) :] if now.startswith(before) else f"\n{now}"
    print(more, end="", flush=True)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
