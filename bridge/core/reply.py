"""Fold what Coze says into snapshots."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from bridge.core.model import (
    Answer,
    Answered,
    Asked,
    Doing,
    Finished,
    Heard,
    Noted,
    Reply,
    ReplyEvent,
    Said,
    Started,
    Suggested,
    Thought,
)


def fold(reply: Reply, event: ReplyEvent) -> Reply:  # noqa: C901, PLR0911 - a line for each event
    """The reply as it is after `event`. Pure and total."""
    match event:
        case Said(answer, delta):
            return _with(reply, answer, lambda text: text + delta)
        case Answered(answer, text):
            return _with(reply, answer, lambda _: text)
        case Started(run):
            return replace(reply, run=run)
        case Suggested(question):  # once, also where a broken stream is read again
            if question in reply.suggestions:
                return reply
            return replace(reply, suggestions=(*reply.suggestions, question))
        case Heard():
            return replace(reply, heard=event)
        case Noted(sentence):
            return replace(reply, notes=(*reply.notes, sentence))
        case Thought(delta, whole):
            return replace(reply, thought=delta if whole else reply.thought + delta)
        case Doing():
            return replace(reply, doing=event)
        case Asked(_, _, _, usage):
            return replace(reply, status="waiting", asked=event, doing=None, usage=usage)
        case Finished(usage):
            return replace(reply, status="done", usage=usage, doing=None)
        case _:
            assert_never(event)


def _with(reply: Reply, id_: str, change: Callable[[str], str]) -> Reply:
    """`reply` with the text of one answer changed; an answer not heard of yet is begun."""
    answers = reply.answers
    for at in range(len(answers) - 1, -1, -1):  # nearly always the last
        if answers[at].id == id_:
            changed = Answer(id_, change(answers[at].text))
            answers = (*answers[:at], changed, *answers[at + 1 :])
            break
    else:
        answers = (*answers, Answer(id_, change("")))
    # Spelled out, as this runs for each delta and `replace` takes ten times as long.
    return Reply(
        reply.status,
        answers,
        reply.suggestions,
        reply.run,
        reply.usage,
        reply.trouble,
        reply.heard,
        reply.notes,
        reply.thought,
    )
