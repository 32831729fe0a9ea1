"""The bot of the sandbox: it shows that it remembers, and obeys a few words for play."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from bridge.sandbox.coze import samples
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.script import Answer, Attached, Question, Tool, deltas

Publish: TypeAlias = Callable[[str, str, bytes], str]  # name, type and content; gives a URL
_PARAGRAPH = (
    "Rivers do not hurry, and yet they arrive. *Every* bend was once a choice of the easiest "
    "way down, and `choice` is a big word for water. 水滴石穿，不是力量大，而是功夫深。 "
)
_FOLLOW_UPS = ("What did I say first?", "Tell me something long", "你会说中文吗？")
_WEATHER = Tool(
    "weather-today", {"city": "Hangzhou"}, '{"temperature":21,"sky":"clear"}', seconds=3.0
)
_THOUGHTS = (
    "Someone speaks to me. Have we met? I look at what was said, and answer kindly. 想好了。"
)
_FORMATTED = """\
## Fruit 水果

**注意：**以下仅为示例 – an *example*, see [the docs](https://www.coze.com).

| Fruit | 名称 | Weight |
|---|---|---:|
| Apple | 苹果 | 182 g |
| Banana | 香蕉 | 118 g |

1. Weigh them: $m = \\frac{a}{b} \\cdot x^2$
2. Then run `sort`:

```python
def heaviest(fruit: dict[str, int]) -> str:
    return max(fruit, key=fruit.get)  # **not bold**
```

> Eat fruit, ~~rarely~~ daily.

- [x] apples
- [ ] bananas
"""
_WORDS = (
    ("format", "a table, code, a formula"),
    ("long", "a long answer"),
    ("slow", "a slow one"),
    ("error", "one that fails"),
    ("image", "a picture"),
    ("file", "a PDF and a table"),
    ("tool", "a tool that takes its time"),
    ("think", "what I think before I speak"),
)


def friendly(question: Question, publish: Publish | None = None) -> Answer:
    """A few sentences about the question and its files; words in it do what `_WORDS` say.

    Pictures and files are shown if they can be published.
    """
    words = set(re.findall(r"[a-z]+", question.text.lower()))
    if "error" in words:
        return Answer((deltas("Let me think about that for a moment."),), fails=RunFails(after=4))
    if "format" in words:
        return Answer((deltas(_FORMATTED),), follow_ups=_FOLLOW_UPS)
    if "long" in words:
        return Answer((_lines(_long()),))
    if publish and words & {"image", "file"}:
        show = _image if "image" in words else _file
        return Answer((deltas(show(publish)),), follow_ups=_FOLLOW_UPS)
    answer = Answer((deltas(_greeting(question)),), follow_ups=_FOLLOW_UPS)
    return replace(
        answer,
        pace=0.5 if "slow" in words else None,
        tools=(_WEATHER,) if "tool" in words else (),
        reasoning=deltas(_THOUGHTS) if "think" in words else (),
    )


def _greeting(question: Question) -> str:
    said = [text for role, text in question.history if role == "user"]
    memory = f"You said earlier: “{said[-1]}”." if said else "We have only just met."
    files = "".join(f"- {_named(file)}\n" for file in question.files)
    words = "".join(f"- “{word}”: {what}\n" for word, what in _WORDS)
    return (
        f"You ask: “{question.text}”. This is turn **{question.turn}** of our conversation. "
        f"{memory}\n\n"
        + (f"You sent me:\n\n{files}\n" if files else "")
        + "I am a *simulated* bot, so I know little, but I can:\n\n"
        "- remember what you said\n"
        "- stream `Markdown`\n"
        "- 说中文：很高兴认识你！\n\n"
        f"Say one of these words to see more:\n\n{words}"
    )


def _named(file: Attached) -> str:
    address = file.file_url or ""
    name = file.name or address.rpartition("/")[2] or address
    size = "" if file.size is None else f", {_counted(file.size)}"
    return f"`{name}` ({file.type}{size})"


def _counted(size: int) -> str:
    units = ((1 << 20, "MB"), (1 << 10, "KB"))
    unit, name = next((each for each in units if size >= each[0]), (1, "bytes"))
    return f"{size / unit:.4g} {name}"


def _image(publish: Publish) -> str:
    url = publish("sunset.png", "image/png", samples.png())
    return f"Here is a sunset:\n\n![A sunset]({url})\n\nI made it myself."


def _file(publish: Publish) -> str:
    page = publish("letter.pdf", "application/pdf", samples.pdf("A letter from the sandbox"))
    rows = (("day", "degrees"), ("Monday", 21), ("Tuesday", 19))
    table = publish("weather.csv", "text/csv", samples.csv(rows))
    return f"Here is a [letter.pdf]({page}), and a table: [weather.csv]({table})."


def _long() -> str:
    return "\n".join(f"## Chapter {n}\n\n{_PARAGRAPH * 6}\n" for n in range(1, 11))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 30] for at in range(0, len(text), 30))
