"""What the bridge itself says in a chat, in the user's language."""

ENGLISH = {
    "button.stop": "Stop",
    "button.retry": "Try again",
    "stopped": "Stopped.",
    "stop.nothing": "There is nothing to stop.",
    "stop.late": "That answer is already complete.",
    "stop.dropped": "Stopped, and dropped {count} waiting message(s).",
    "empty": "The bot had nothing to say to that.",
    "new": "✨ New conversation. What was said before is forgotten.",
    "retry.nothing": "There is nothing to ask again yet. Send me a message first.",
    "full": (
        "Too many of your messages are waiting for an answer. "
        "This one was not taken: please send it again later."
    ),
    "slow_down": "That is a lot at once. Please send this again in {seconds} seconds.",
    "unsupported": "So far I can only read text. Please write it down for me.",
    "start": "Hello! Send me a message, and the answer appears here as it is written.",
    "help": (
        "Send me a message and I answer; I remember our conversation.\n"
        "\n"
        "{new} – start a new conversation\n"
        "{stop} – stop the answer\n"
        "{retry} – ask the last question again\n"
        "{help} – this text"
    ),
    "help.group": "In a group, mention me, reply to me, or use a command.",
    "help.slack": (
        "Mention me in a channel and I answer in a thread; there I go on without a mention. "
        "You can also write to me directly."
    ),
    "command.start": "Say hello",
    "command.new": "Start a new conversation",
    "command.stop": "Stop the answer",
    "command.retry": "Ask the last question again",
    "command.help": "What I can do",
    "error.unknown": "Something went wrong. Please try again.",
    "error.unavailable": "The bot cannot be reached right now. Please try again in a moment.",
    "error.busy": "The bot is very busy right now. Please try again in a minute.",
    "error.still_answering": "The previous answer is not finished yet. Please try again shortly.",
    "error.setup": "The bot is not set up correctly. Its operator needs to look at it.",
    "error.quota": "The bot has used up its allowance for now. Its operator needs to look at it.",
    "error.quota_today": "The bot has used up its allowance for today. Please come back tomorrow.",
    "error.too_long": (
        "This conversation has become too long for the bot. Start a new one and ask again."
    ),
    "error.content": "The bot cannot answer that. Please try to put it differently.",
    "error.broken_off": "The answer broke off here. You can ask again.",
    "error.timeout": "The answer took too long and was ended.",
    "error.action": "The bot asked for something that cannot be done in this chat.",
    "error.refused": "The bot could not take that message. Please try to put it differently.",
}

CHINESE = {
    "button.stop": "停止",
    "button.retry": "重试",
    "stopped": "已停止。",
    "stop.nothing": "当前没有可以停止的回答。",
    "stop.late": "这条回答已经结束了。",
    "stop.dropped": "已停止，并取消了 {count} 条等待中的消息。",
    "empty": "机器人没有给出回答。",
    "new": "✨ 已开始新对话，之前的内容不再记得。",
    "retry.nothing": "还没有可以重新提问的内容，请先发一条消息。",
    "full": "您有太多消息在等待回答，这一条没有被接收，请稍后再发。",
    "slow_down": "消息有点多，请在 {seconds} 秒后重新发送这一条。",
    "unsupported": "目前我只能阅读文字，请用文字告诉我。",
    "start": "你好！给我发消息，回答会边写边显示在这里。",
    "help": (
        "给我发消息，我会回答，并记住我们的对话。\n"
        "\n"
        "{new} – 开始新对话\n"
        "{stop} – 停止回答\n"
        "{retry} – 重新提问上一个问题\n"
        "{help} – 显示本说明"
    ),
    "help.group": "在群里，请 @我、回复我，或使用命令。",
    "help.slack": "在频道里 @我，我会在消息列里回答，之后无需再次 @我。也可以直接给我发私信。",
    "command.start": "打个招呼",
    "command.new": "开始新对话",
    "command.stop": "停止回答",
    "command.retry": "重新提问上一个问题",
    "command.help": "我能做什么",
    "error.unknown": "出了点问题，请重试。",
    "error.unavailable": "暂时联系不上机器人，请稍后再试。",
    "error.busy": "机器人现在很忙，请一分钟后再试。",
    "error.still_answering": "上一条回答还没有结束，请稍后再试。",
    "error.setup": "机器人的设置有误，需要管理员处理。",
    "error.quota": "机器人的额度暂时用完了，需要管理员处理。",
    "error.quota_today": "机器人今天的额度用完了，请明天再来。",
    "error.too_long": "这段对话太长了，请开始新对话后再问。",
    "error.content": "机器人无法回答这个问题，请换一种说法。",
    "error.broken_off": "回答在这里中断了，可以重新提问。",
    "error.timeout": "回答用时太长，已结束。",
    "error.action": "机器人请求了在这个聊天里无法完成的操作。",
    "error.refused": "机器人无法接收这条消息，请换一种说法。",
}


def say(key: str, language: str, **values: object) -> str:
    """The sentence `key` in the user's language: Chinese, and English for all others."""
    table = CHINESE if language.lower().startswith("zh") else ENGLISH
    return table[key].format(**values)
