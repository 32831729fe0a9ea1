"""The bot of the sandbox: it shows that it remembers, and obeys a few words for play."""

import re

from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.script import Answer, Question, deltas

_PARAGRAPH = (
    "Rivers do not hurry, and yet they arrive. *Every* bend was once a choice of the easiest "
    "way down, and `choice` is a big word for water. 水滴石穿，不是力量大，而是功夫深。 "
)
_FOLLOW_UPS = ("What did I say first?", "Tell me something long", "你会说中文吗？")


def friendly(question: Question) -> Answer:
    """A few sentences about the question; "long", "slow" and "error" in it do what they say."""
    words = set(re.findall(r"[a-z]+", question.text.lower()))
    if "error" in words:
        return Answer((deltas("Let me think about that for a moment."),), fails=RunFails(after=4))
    if "long" in words:
        return Answer((_lines(_long()),))
    pace = 0.5 if "slow" in words else None
    return Answer((deltas(_greeting(question)),), pace=pace, follow_ups=_FOLLOW_UPS)


def _greeting(question: Question) -> str:
    said = [text for role, text in question.history if role == "user"]
    memory = f"You said earlier: “{said[-1]}”." if said else "We have only just met."
    return (
        f"You ask: “{question.text}”. This is turn **{question.turn}** of our conversation. "
        f"{memory}\n\n"
        "I am a *simulated* bot, so I know little, but I can:\n\n"
        "- remember what you said\n"
        "- stream `Markdown`\n"
        "- 说中文：很高兴认识你！\n"
    )


def _long() -> str:
    return "\n".join(f"## Chapter {n}\n\n{_PARAGRAPH * 6}\n" for n in range(1, 11))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 30] for at in range(0, len(text), 30))
