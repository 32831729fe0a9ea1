"""What a bot is told of the group that it is asked in."""

from dataclasses import replace

from bridge.core.model import Message, Prompt
from bridge.core.ports import Groups
from bridge.core.routing import Policy, place, shared
from bridge.core.texts import say


async def introduced(prompt: Prompt, message: Message, policy: Policy, groups: Groups) -> Prompt:
    """The prompt as it is asked in a group.

    Where several people speak in one conversation it begins with the name of who asks
    ("Ann: text"), as the user_name among the variables is soon somebody else's. What was
    said before it beside the bot stands above, each remark once and on a line of its own.
    """
    if message.private or message.command == "retry" or prompt.shortcut:
        return prompt
    before = await groups.overheard(place(message)) if policy.context else ()
    lines = [f"{_line(said.name)}: {_line(said.text)}" for said in before]
    context = "\n".join([say("group.before", message.user.language), *lines, "", ""])
    context = context if lines else ""
    if message.user.name and (lines or (policy.names and shared(message, policy))):
        context += f"{_line(message.user.name)}: "
    return replace(prompt, context=context)


def _line(text: str) -> str:
    """A text on one line: nobody can speak in another's name."""
    return " ".join(text.split())
