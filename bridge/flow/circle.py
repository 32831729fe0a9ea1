"""What a bot is told of the group that it is asked in."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.core.model import Message, Prompt
from bridge.core.ports import Groups, Remark
from bridge.core.routing import Policy, place, shared
from bridge.core.texts import say
from bridge.flow.recall import Recall


async def introduced(
    prompt: Prompt, message: Message, policy: Policy, groups: Groups, recall: Recall
) -> Prompt:
    """The prompt as it is asked in a group.

    Where several people speak in one conversation it begins with the name of who asks
    ("Ann: text"), as the user_name among the variables is soon somebody else's. What was
    said before it beside the bot stands above, each remark once and on a line of its own.
    """
    if message.private or message.command == "retry" or prompt.shortcut:
        return prompt
    language = message.user.language
    context = _told("thread.before", await recall.before(message), language)
    if policy.context:
        context += _told("group.before", await groups.overheard(place(message)), language)
    if message.user.name and (context or (policy.names and shared(message, policy))):
        context += f"{_line(message.user.name)}: "
    return replace(prompt, context=context)


def _told(heading: str, said: Sequence[Remark], language: str) -> str:
    """What others said, set apart from what follows."""
    nobody = say("somebody", language)
    lines = [f"{_line(each.name) or nobody}: {_line(each.text)}" for each in said]
    return "\n".join([say(heading, language), *lines, "", ""]) if lines else ""


def _line(text: str) -> str:
    """A text on one line: nobody can speak in another's name."""
    return " ".join(text.split())
