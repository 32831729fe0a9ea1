"""Slack's native streams: an answer grows as one message to which text is added."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.config.schema import SlackPace
from bridge.sandbox.coze import Answer, deltas
from bridge.sandbox.slack import Shown
from tests.platforms.slack.live import tokens
from tests.world import BOT, DIRECT, GENERAL, World

TEXT = "one two three four five"
LONG = "".join(f"{n}. 一行很长的文字 and some **more** of it 🎉\n" for n in range(300))


class Held:
    """A world whose bot says a part of its answer, goes on when it is let, and ends later."""

    def __init__(self, tmp_path: Path, *, last_after: float = 0.0) -> None:
        self.gate = asyncio.Event()
        words = deltas(TEXT)
        says = Answer(
            (words,),
            follow_ups=("And then?",),
            gate=self.gate,
            gate_at=len(words) // 2,
            pauses={len(words) - 1: last_after},
        )
        self.world = World(tmp_path, answer=lambda _: says, pace=0.0)


async def start(world: World, streaming: str = "auto") -> None:
    """Start the bridge with streams in Slack."""
    assert world.config
    channel = replace(
        world.config.channels["slack"], streaming=streaming, limits=SlackPace(edit_every=0.05)
    )
    await world.start(channels={"slack": channel})


def said(world: World, thread: str, channel: str = DIRECT) -> list[Shown]:
    return [m for m in world.slack.messages(channel, thread) if m.bot_id]


def calls(world: World, *methods: str) -> list[str]:
    """The calls that were answered well, of these methods, in order."""
    return [c.method for c in world.slack.calls if c.method in methods and c.ok]


def letters(text: str) -> str:
    return "".join(text.split())


async def complete(world: World, thread: str, whole: str, channel: str = DIRECT) -> list[Shown]:
    """The messages of an answer, once they say all of it and none grows any more."""

    def there() -> list[Shown]:
        found = said(world, thread, channel)
        text = letters("".join(m.plain() for m in found))
        busy = any(world.slack.streaming(channel, m.ts) for m in found)
        return found if text == letters(whole) and not busy else []

    return await world.slack.changes.until(there)


async def growing(world: World, thread: str, channel: str = DIRECT) -> Shown:
    """The message that is being written."""
    [*_, last] = await world.slack.changes.until(
        lambda: [m for m in said(world, thread, channel) if world.slack.streaming(channel, m.ts)]
    )
    return last


async def test_the_first_words_are_a_stream_and_the_buttons_come_with_its_end(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        thread = world.slack.say("count", channel=DIRECT)
        first = await growing(world, thread)
        assert first.text == "one two three"[: len(first.text)]
        assert not first.buttons
        held.gate.set()
        [answer] = await complete(world, thread, TEXT)
        labels = [button.label for button in answer.buttons]
        assert labels == ["And then?", "👍", "👎", "🔄"]
        assert answer.edits == 0
        assert answer.metadata
        world.slack.press(answer.ts, "And then?", channel=DIRECT)
        await world.slack.changes.until(lambda: len(said(world, thread)) > 1)


async def test_a_long_answer_goes_on_in_the_next_message_with_nothing_lost_or_twice(tmp_path):
    async with World(tmp_path, pace=0.0005, answer=lambda _: Answer((deltas(LONG),))) as world:
        await start(world)
        thread = world.slack.say("everything, please", channel=DIRECT)
        messages = await complete(world, thread, LONG)
        assert len(messages) > 2
        assert not calls(world, "chat.update")
        assert all(len(m.text.encode()) <= 9000 for m in messages if m.metadata)
        assert calls(world, "chat.startStream")


@pytest.mark.parametrize("how", ["time", "room"])
async def test_where_a_stream_ends_the_text_goes_on_in_the_next(tmp_path, how: str):
    held = Held(tmp_path, last_after=1.0)
    async with held.world as world:
        await start(world)
        thread = world.slack.say("count", channel=DIRECT)
        first = await growing(world, thread)
        if how == "time":
            world.slack.end_streams()
        else:
            world.slack.fail("chat.appendStream", error="msg_too_long")
        held.gate.set()
        one, other = await complete(world, thread, TEXT)
        assert (one.ts, one.plain()) == (first.ts, first.text)
        assert other.buttons
        assert one.metadata
        assert other.metadata


async def test_who_stops_a_stream_gets_the_rest_of_the_answer_by_edits(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        thread = world.slack.say("count", channel=DIRECT)
        first = await growing(world, thread)
        world.slack.stop_stream(first.ts, channel=DIRECT)
        held.gate.set()
        [answer] = await complete(world, thread, TEXT)
        assert answer.ts == first.ts


async def test_a_stream_is_finished_by_the_next_bridge(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        thread = world.slack.say("count", channel=DIRECT)
        first = await growing(world, thread)
        await world.stop(hurry=True)
        held.gate.set()
        await start(world)
        [answer] = await complete(world, thread, TEXT)
        assert answer.ts == first.ts
        assert len(world.coze.asked) == 1


async def test_a_stream_of_which_no_answer_told_is_found_and_finished(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        world.slack.fail("chat.startStream", after_doing=True, drop=True)
        thread = world.slack.say("count", channel=DIRECT)
        held.gate.set()
        [answer] = await complete(world, thread, TEXT)
        assert answer.buttons
        again = world.slack.say("count", channel=DIRECT, thread_ts=thread)
        assert again
        world.slack.fail("chat.startStream", drop=True)
        both = await complete(world, thread, TEXT + TEXT)
        assert both[0].ts == answer.ts


@pytest.mark.parametrize(
    "error", ["unknown_method", "feature_not_enabled", "channel_type_not_supported"]
)
async def test_where_slack_has_no_streams_messages_are_edited(tmp_path, error: str):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        world.slack.fail("chat.startStream", error=error)
        thread = world.slack.say("count", channel=DIRECT)
        await world.slack.changes.until(lambda: said(world, thread))
        held.gate.set()
        await complete(world, thread, TEXT)
        other = world.slack.say("and again", channel=DIRECT)
        await complete(world, other, TEXT)
        assert not calls(world, "chat.startStream")
        assert [c.method for c in world.slack.calls].count("chat.startStream") == 1


async def test_automatic_streams_are_for_direct_messages_only(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world)
        thread = world.slack.say(f"{BOT} count")
        await world.slack.changes.until(lambda: said(world, thread, GENERAL))
        held.gate.set()
        assert await world.slack_answer(thread) == TEXT
        assert not calls(world, "chat.startStream")


async def test_native_streams_are_for_channels_too_and_name_their_reader(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await start(world, "native")
        thread = world.slack.say(f"{BOT} count", user="U0BEN")
        await growing(world, thread, GENERAL)
        held.gate.set()
        await complete(world, thread, TEXT, GENERAL)
        [begun] = [c.params for c in world.slack.calls if c.method == "chat.startStream"]
        assert (begun["recipient_user_id"], begun["recipient_team_id"]) == ("U0BEN", "T0SANDBOX")


async def test_hostile_words_are_dead_however_they_are_cut(tmp_path):
    hostile = (
        "a <!channel> <@U0ANN> `<!here>` b\n\n```\n<!channel>\n```\n\n<https://a.test|b.test> c"
    )
    async with World(tmp_path, pace=0.01, answer=lambda _: Answer(((*hostile,),))) as world:
        await start(world)
        thread = world.slack.say("say it", channel=DIRECT)
        await complete(world, thread, hostile)
        assert calls(world, "chat.appendStream")
        assert not calls(world, "chat.update")
        sent = [c.params.get("markdown_text", "") for c in world.slack.calls]
        assert not tokens("".join(map(str, sent)))
