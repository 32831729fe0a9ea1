"""Everything said to and by a simulated Telegram, before the judges."""

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.sandbox.telegram.server import Call
from tests.judges.models import answer_faults, request_faults
from tests.judges.tdlib import IN_CAPTION, Json, Verdict, judged

_UNREAD = {401, 404}  # to another bot, or of a method that is not simulated


def bot_faults(call: Call) -> list[str]:
    """What the judges hold against a call that the bot made."""
    if _is_unread(call):
        return []
    dropped = sum(verdict.dropped for verdict in _verdicts(call))
    wasted = [f"{call.method}: {dropped} entities too many"] if dropped else []
    return _wrongs(call) + wasted


def simulator_faults(call: Call, result: object) -> list[str]:
    """What they hold against the simulator: wrongs that it let pass, and a wrong answer.

    `result` is what the call gave, if it succeeded.
    """
    if call.status != 200:
        return list(_other_words(call)) if call.status == 400 else []
    found = _wrongs(call) + answer_faults(call.method, result)
    shown = result if isinstance(result, list) else [result]
    for verdict, message in zip(_verdicts(call), shown, strict=False):
        found += [f"{call.method}: {words}" for words in _differences(verdict, message)]
    return found


def _is_unread(call: Call) -> bool:
    """Whether its parameters never came: nobody looked at them, or the bot hung up."""
    return call.status in _UNREAD or not (call.status or call.params)


def _wrongs(call: Call) -> list[str]:
    """What Telegram would refuse, and what it does not know."""
    return request_faults(call.method, call.params) + [
        f"{call.method}: {words}" for words in (*_refusals(call), *_bad_buttons(call.params))
    ]


def _refusals(call: Call) -> list[str]:
    return [verdict.refusal for verdict in _verdicts(call) if verdict.refusal]


def _other_words(call: Call) -> Iterator[str]:
    """What the simulator refuses in other words than Telegram."""
    if call.description.startswith("Bad Request: can't parse MessageEntity"):
        return  # what is no entity is none that TDLib could judge
    official = {f"Bad Request: {words}" for words in _refusals(call)}
    if official and call.description not in official:
        yield f"{call.method}: {call.description!r} should be one of {sorted(official)}"


def _verdicts(call: Call) -> Iterator[Verdict]:
    """What TDLib says of each text in a call."""
    params = call.params
    if call.method in {"sendMessage", "editMessageText", "sendMessageDraft"}:
        is_draft = call.method == "sendMessageDraft"
        yield _verdict(params, "text", "entities", may_be_empty=is_draft)
    elif "caption" in params:
        yield _caption(params)
    media = params.get("media")
    for item in media if isinstance(media, list) else [media]:
        if isinstance(item, dict):
            yield _caption(item)


def _caption(said: Mapping[str, Any]) -> Verdict:
    return _verdict(said, "caption", "caption_entities", most=IN_CAPTION, may_be_empty=True)


def _verdict(said: Mapping[str, Any], text: str, entities: str, **how: Any) -> Verdict:
    given = said.get(entities)
    return judged(
        str(said.get(text, "")),
        given if isinstance(given, list) else [],
        parse_mode=str(said.get("parse_mode", "")),
        **how,
    )


def _bad_buttons(params: Json) -> Iterator[str]:
    """What TDLib says of the links behind buttons, which it checks as it does those in a text."""
    markup = params.get("reply_markup")
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    for button in (button for row in rows for button in row):
        link = {"type": "text_link", "offset": 0, "length": 1, "url": button.get("url")}
        if link["url"] and (refusal := judged("x", [link]).refusal):
            yield f"inline keyboard button {refusal.removeprefix('entity ')}"


def _differences(verdict: Verdict, message: object) -> Iterator[str]:
    """Where the simulator keeps something else of a text than TDLib does."""
    if not isinstance(message, dict) or verdict.refusal:
        return
    name, entities = ("text", "entities") if "text" in message else ("caption", "caption_entities")
    if message.get(name, "") != verdict.text:
        yield f"shows {message.get(name, '')!r}, not {verdict.text!r}"
    shown, kept = _spans(message.get(entities, [])), _spans(verdict.entities)
    if shown != kept and not verdict.dropped:
        yield f"marks {shown}, not {kept}"


def _spans(entities: list[Json]) -> list[tuple[str, int, int]]:
    # A link to a person is a mention to TDLib.
    return sorted(
        (entity["type"].replace("text_mention", "text_link"), entity["offset"], entity["length"])
        for entity in entities
    )
