"""What a person sees of formatted answers in Telegram, while they grow and in the end."""

import itertools
from pathlib import Path

from prometheus_client import REGISTRY

from bridge.sandbox.coze import Answer
from tests.world import World

TEXT = """## 总结 **要点**

**注意：**请看 [文档](https://example.com/a_b) 和 `pip install x`，以及 **“重点”**内容！

| 名称 | 数量 |
|---|---:|
| 苹果 | 3 |
| 香蕉 | 12 |

1. 第一步 ~~旧~~
2. 第二步 $x^2 + \\frac{1}{2}$

```python
def f(x):
    return x**2  # **not bold**
```

> 引用 **粗**

- [x] done
- [ ] *open*

The end."""
CHUNK = 3


def refused() -> float:
    labels = {"part": "telegram"}
    return REGISTRY.get_sample_value("coze_bridge_plain_texts_total", labels) or 0.0


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


async def test_a_growing_answer_never_takes_a_letter_back(tmp_path: Path):
    deltas = tuple(TEXT[at : at + CHUNK] for at in range(0, len(TEXT), CHUNK))
    async with World(tmp_path, answer=lambda _: Answer((deltas,), pace=0.03)) as world:
        await world.start()
        world.telegram.say("hi")
        answer = await world.telegram_answer()
        frames = [
            call.params
            for call in world.telegram.calls
            if call.method in ("sendMessage", "editMessageText") and call.status == 200
        ]
    assert "苹果 │    3" in answer
    assert "**" not in answer.replace("x**2  # **not bold**", "")
    assert len(frames) > 2
    seen = [letters(str(frame.text("text"))) for frame in frames]
    assert all(after.startswith(before) for before, after in itertools.pairwise(seen))


async def test_a_text_that_telegram_refuses_goes_out_plain_and_is_counted(tmp_path: Path):
    before = refused()
    async with World(tmp_path, answer=lambda _: Answer((("**bold** answer",),))) as world:
        await world.start()
        refusal = "Bad Request: can't parse entities: something new"
        world.telegram.fail("sendMessage", status=400, description=refusal)
        world.telegram.say("hi")
        assert await world.telegram_answer() == "**bold** answer"
    assert refused() == before + 1
