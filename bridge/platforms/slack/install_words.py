"""What the pages say at which the app is installed: a title, and what to do."""

from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal[
    "done", "cancelled", "stale", "refused", "setup", "unavailable", "unsaved"
]

ENGLISH: dict[Outcome, tuple[str, str]] = {
    "done": (
        "Installed in {name}",
        (
            "It worked. Open Slack, invite the app to a channel with /invite and mention it "
            "there, or write to it directly."
        ),
    ),
    "cancelled": (
        "Nothing was installed",
        "You have not allowed it. If you meant to, begin again.",
    ),
    "stale": (
        "This did not work",
        (
            "The installation was begun in another browser or more than ten minutes ago, or it is "
            "over already. Nothing was changed: begin again."
        ),
    ),
    "refused": (
        "This bot is not for {name}",
        (
            "Nothing was installed, and the permission that you gave is taken back. Whoever runs "
            "the bot can let your workspace in: its id is {id}."
        ),
    ),
    "setup": (
        "The bot is not set up right",
        "Nothing was installed. Please tell whoever runs the bot; its log says what to mend.",
    ),
    "unavailable": (
        "Slack did not answer",
        "Nothing was installed. Begin again in a minute.",
    ),
    "unsaved": (
        "This could not be stored",
        "The bot's own memory did not answer. Begin again in a minute.",
    ),
}

CHINESE: dict[Outcome, tuple[str, str]] = {
    "done": (
        "已安装到 {name}",
        "安装成功。打开 Slack，用 /invite 邀请应用进入频道并在那里提及它，或直接给它发消息。",
    ),
    "cancelled": ("没有安装", "您没有授权。如果这不是您的本意，请重新开始。"),
    "stale": (
        "没有成功",
        "这次安装是在另一个浏览器里或十多分钟前开始的，或者已经结束。什么都没有改变：请重新开始。",
    ),
    "refused": (
        "这个机器人不对 {name} 开放",
        "没有安装，您给的授权已收回。机器人的管理员可以添加您的工作区，它的 ID 是 {id}。",
    ),
    "setup": ("机器人没有设置好", "没有安装。请告诉机器人的管理员；日志里写着需要修正什么。"),
    "unavailable": ("Slack 没有响应", "没有安装。请一分钟后重新开始。"),
    "unsaved": ("没有存储成功", "机器人的存储没有响应。请一分钟后重新开始。"),
}


def words(outcome: Outcome, language: str, **values: str) -> tuple[str, str]:
    """The title and the paragraph of a page."""
    table = CHINESE if language.lower().startswith("zh") else ENGLISH
    title, paragraph = table[outcome]
    return title.format(**values), paragraph.format(**values)
