"""What people pass on, quote, paste and attach, as the Bot API shows it."""

import pytest
from aiogram.types import Update

from bridge.sandbox.telegram import Attachment, TelegramSimulator, attach, origins
from bridge.sandbox.telegram.params import Json
from tests.sandbox.telegram_client import client_of


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


async def shown(telegram: TelegramSimulator) -> list[Json]:
    """The messages of all updates, each as the models of aiogram know it."""
    async with client_of(telegram) as bot:
        updates = await bot.updates()
    for update in updates:
        read = Update.model_validate(update)
        assert read.event.model_extra == {}
    return [update.get("message") or update["edited_message"] for update in updates]


KINDS = [
    attach.location(1, 2, live=60),
    attach.venue(1, 2, "Café", "Road 1"),
    attach.contact("+49 1", "Bo", "Lee"),
    attach.poll("Tea?", "Yes", "No"),
    attach.dice(4, "🎯"),
    attach.story(),
    attach.sticker(),
]


@pytest.mark.parametrize("sent", KINDS, ids=[kind.kind for kind in KINDS])
async def test_each_kind_has_the_shape_that_the_api_gives_it(
    telegram: TelegramSimulator, sent: Attachment
) -> None:
    telegram.send(sent)
    [message] = await shown(telegram)
    assert sent.kind in message
    assert ("location" in message) is (sent.kind in ("location", "venue"))


async def test_a_live_location_moves(telegram: TelegramSimulator) -> None:
    telegram.send(attach.location(1, 2, live=60))
    telegram.send_location(1, 2)
    telegram.move(1, 3, 4)
    with pytest.raises(ValueError, match="does not move"):
        telegram.move(2, 3, 4)
    *_, moved = await shown(telegram)
    assert moved["location"] == {"latitude": 3, "longitude": 4, "live_period": 60}
    assert "edit_date" in moved


async def test_what_is_passed_on_or_quoted_tells_of_whom(telegram: TelegramSimulator) -> None:
    for origin in (origins.from_user("Bo"), origins.from_hidden("Bo"), origins.from_channel("C")):
        telegram.say("Green tea", origin=origin)
    telegram.say("why?", reply_to=1, quote="tea", date=7)
    far = origins.elsewhere(origins.from_user("Bo"), "tea", dice={"emoji": "🎲", "value": 4})
    telegram.say("and that?", elsewhere=far)
    with pytest.raises(ValueError, match="nobody can quote"):
        telegram.say("why?", reply_to=1, quote="coffee")
    *passed, reply, other = await shown(telegram)
    kinds = [message["forward_origin"]["type"] for message in passed]
    assert kinds == ["user", "hidden_user", "channel"]
    assert reply["quote"] == {"text": "tea", "position": 6, "is_manual": True}
    assert (reply["date"], reply["reply_to_message"]["text"]) == (7, "Green tea")
    assert other["external_reply"]["dice"]["value"] == 4


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("x" * 4096, [4096]), ("🎉" * 2049, [2048, 1]), ("x" * 4090 + " " + "y" * 50, [4090, 50])],
)
async def test_a_long_text_is_cut_as_a_client_does(
    telegram: TelegramSimulator, text: str, lengths: list[int]
) -> None:
    telegram.say("Hi")
    telegram.paste(text, reply_to=1)
    _, first, *others = await shown(telegram)
    assert [len(message["text"]) for message in (first, *others)] == lengths
    assert first["reply_to_message"]["text"] == "Hi"
    assert not any("reply_to_message" in message for message in others)
