"""What a message is about: a question, a workflow, or the answer that a workflow waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.core.errors import BridgeError
from bridge.core.model import Message, Prompt, ReplyEvent
from bridge.core.ports import Groups, Lease, Memory, Records, Shortcut, Waiting
from bridge.core.routing import Policy, Route, turn_id
from bridge.flow.asking import Asking, Place
from bridge.flow.bot import Bot
from bridge.flow.circle import introduced
from bridge.flow.errand import Command, Errand
from bridge.flow.operator import Operator
from bridge.flow.preparing import Preparing
from bridge.flow.present import Stage
from bridge.flow.recall import Recall


@dataclass(frozen=True, slots=True)
class Works:
    """Finds the work of a turn."""

    policies: Mapping[str, Policy]  # by channel
    stages: Mapping[str, Stage]  # by channel
    memory: Memory
    records: Records
    operator: Operator
    groups: Groups
    workflows: Mapping[str, Command]

    async def work(self, lease: Lease, to: Route, bot: Bot) -> Asking | Errand:
        """The work of a turn. Raises StoreUnavailable."""
        message, adapter = lease.message, self.stages[lease.message.address.channel].adapter
        after = adapter.limits(message.address).after
        place = Place(to.session, to.user, adapter.platform, self.memory, self.records, after)
        preparing = Preparing(adapter, bot.services, self.memory, self.records)
        talk = f"{to.session}@{bot.name}"
        command, again, waiting = await self._workflow(lease, to.session, talk)
        if command:
            return Errand(
                lease,
                command,
                place=place,
                talk=talk,
                preparing=preparing,
                operator=self.operator,
                waiting=waiting,
                again=again,
            )
        shortcut = await self._shortcut(message, bot)
        asked = message if shortcut else self._as_text(message)
        policy = self.policies[message.address.channel]
        recall = Recall(adapter, self.records)

        async def prepare() -> tuple[Sequence[ReplyEvent], Prompt]:
            events, prompt = await preparing.prompt(asked, talk, shortcut=shortcut)
            return events, await introduced(prompt, message, policy, self.groups, recall)

        return Asking(
            lease,
            prepare,
            bot=bot,
            place=place,
            operator=self.operator,
        )

    async def _workflow(
        self, lease: Lease, session: str, talk: str
    ) -> tuple[Command | None, Prompt | None, Waiting | None]:
        """The workflow that a message runs, runs again, or that waits for it."""
        message, before = lease.message, lease.progress.prompt
        waiting = await self.memory.waiting(session)
        if waiting and waiting.turn == turn_id(message.id):  # what it asked before a crash
            return self.workflows.get(waiting.workflow), None, waiting
        if before and before.workflow:  # what it ran before a crash
            return self.workflows.get(before.workflow), None, None
        if waiting and message.command in ("", "answer"):
            return self.workflows.get(waiting.workflow), None, waiting
        if message.command == "retry":
            prompt = await self.memory.prompt(talk)
            return self.workflows.get(prompt.workflow if prompt else ""), prompt, None
        return self.workflows.get(message.command), None, None

    def _as_text(self, message: Message) -> Message:
        """A command that nobody knows (any more) is something said."""
        rules = self.policies[message.address.channel].rules
        known = {"", "retry", "ask", "about", "answer", *(rule.command for rule in rules)}
        if message.command in known:
            return message
        return replace(message, command="", text=f"/{message.command} {message.text}".strip())

    async def _shortcut(self, message: Message, bot: Bot) -> Shortcut | None:
        """The shortcut of the bot, at Coze, that a message's command is."""
        if message.command in ("", "retry", "ask", "about", "answer"):
            return None
        try:
            about = await bot.services.about()
        except BridgeError:
            return None  # asking the bot tells why
        return next((each for each in about.shortcuts if each.name == message.command), None)
