"""What the bridge itself says in a chat, in the user's language."""

from bridge.core import surfaces
from bridge.core.errors import BridgeError

ENGLISH = {
    **surfaces.ENGLISH,
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
    "unsupported": (
        "I can read text, pictures, videos, files, voice messages, places, contacts, polls and "
        "stickers, but not this."
    ),
    "told.location": "📍 Location: {place}",
    "told.venue": "📍 Place: {name} ({place})",
    "told.contact": "👤 Contact: {name}, {phone}",
    "told.poll": "📊 Poll: {question}",
    "told.forwarded": "Forwarded from {name}:",
    "start": "Hello! Send me a message, and the answer appears here as it is written.",
    "help": "Send me a message and I answer; I remember our conversation.",
    "help.group": "In a group, mention me, reply to me, or use a command.",
    "help.slack": (
        "Mention me in a channel and I answer in a thread; there I go on without a mention. "
        "You can also write to me directly. In a thread, mention me with just one of these words, "
        "like stop or mute, instead of the command."
    ),
    "mute": (
        "From now on I answer in this thread only when I am mentioned. "
        "To undo it, mention me and say just: unmute"
    ),
    "unmute": "From now on I answer in this thread without being mentioned.",
    "mute.nowhere": "There is no thread here in which I would answer without being mentioned.",
    "command.mute": "Answer in this thread only when mentioned",
    "command.unmute": "Answer in this thread without a mention",
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
    "more": "What next?",
    "asked": "I am waiting for your answer.",
    "turn": "(ref {turn})",
    "doing.thinking": "💭 Thinking…",
    "doing.tool": "🔧 Using {name}…",
    "doing.step": "⚙️ {name}…",
    "stop.waiting": "Stopped; I no longer wait for your answer.",
    "late": "That button belongs to an older answer. Those below the newest one work.",
    "ask.late": "That question is no longer on offer. Please type it.",
    "ask.empty": "Please write what I should do with it, behind the command.",
    "budget": (
        "You have used up your allowance for today. It opens again in {hours} h "
        "{minutes} min, at midnight UTC."
    ),
    "usage": (
        "Today: {today_turns} answers, {today_tokens} tokens.\nLast 30 days: {turns} "
        "answers, {tokens} tokens."
    ),
    "usage.limit": (
        "Of {most} tokens a day, {left} are left. The day begins anew in {hours} h "
        "{minutes} min, at midnight UTC."
    ),
    "bot.list": "{name} answers here. Who should?",
    "bot.chosen": "From now on {name} answers here, in a conversation of its own.",
    "bot.unknown": "There is no bot called {name}. Who should answer here?",
    "vars.off": "This bot does not let its users see what it remembers of them.",
    "vars.read_only": "These can be read here, but not be changed.",
    "vars.none": "This bot remembers nothing of you.",
    "vars.list": "The bot remembers:\n\n{lines}",
    "vars.unknown": "The bot knows no variable called {name}.",
    "vars.set": "Remembered: {names}.",
    "export": "Our conversation so far.",
    "export.nothing": "There is no conversation to export yet.",
    "form.title": "Feedback",
    "form.send": "Send",
    "form.close": "Cancel",
    "form.words": "In your own words",
    "rate.thanks": "Thank you!",
    "rate.why": "Sorry about that. What was wrong?",
    "rate.late": "That answer is too old to be rated.",
    "rate.failed": "That could not be passed on. Please try again later.",
    "reason.wrong": "Not correct",
    "reason.unhelpful": "Not helpful",
    "reason.unsafe": "Inappropriate",
    "reason.style": "Too long or unclear",
    "input.needed": "What is the value for “{name}”? {about}",
    "input.integer": "“{name}” must be a whole number, not “{found}”. What is it?",
    "input.number": "“{name}” must be a number, not “{found}”. What is it?",
    "input.boolean": "“{name}” must be yes or no, not “{found}”. Which is it?",
    "input.array": "“{name}” must be a list, like: a, b, c. What is it?",
    "input.object": "“{name}” must be a JSON object. What is it?",
    "file.too_large": "{name} is too large for me.",
    "file.type": "I cannot read files like {name}.",
    "file.empty": "{name} is empty.",
    "file.gone": "{name} is no longer there. Please send it again.",
    "file.unavailable": "{name} could not be fetched. Please send it again.",
    "file.none": "I could not read any of these files.",
    "voice.silent": "I could not hear any words in that. Please try again.",
    "command.usage": "What I have used",
    "command.export": "Our conversation as a file",
    "command.bot": "Choose who answers here",
    "command.vars": "What the bot remembers of me",
    "stranger": (
        "Sorry, I do not talk to everybody. If you should have access, tell my operator "
        "your id: {id}"
    ),
    "pairing": (
        "Hello! I do not know you yet. Please give my operator this code, within an hour: "
        "{code}\n\nThey let you in with: coze-bridge pair {code}"
    ),
    "paired": "You have been let in. Send me a message, and I answer.",
    "unlisted": (
        "Sorry, I am not set up for this group, so I am leaving. My operator can list it by "
        "its id: {chat}"
    ),
    "external": "Sorry, I only talk to full members of my workspace, where nobody else is.",
    "not_yours": "That button is for whoever asked. Ask me something yourself!",
    "group.before": "Said in the group before this:",
    "thread.before": "Said in this thread before; for you to know, not to be answered:",
    "somebody": "Somebody",
    "error.tool": (
        "The bot wanted to use “{name}”, which is not set up here. Its operator needs to "
        "look at it."
    ),
}

CHINESE = {
    **surfaces.CHINESE,
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
    "unsupported": (
        "我能读文字、图片、视频、文件、语音消息、位置、联系人、投票和贴纸，但读不了这个。"
    ),
    "told.location": "📍 位置：{place}",
    "told.venue": "📍 地点：{name}（{place}）",
    "told.contact": "👤 联系人：{name}，{phone}",
    "told.poll": "📊 投票：{question}",
    "told.forwarded": "转发自 {name}：",
    "start": "你好！给我发消息，回答会边写边显示在这里。",
    "help": "给我发消息，我会回答，并记住我们的对话。",
    "help.group": "在群里，请 @我、回复我，或使用命令。",
    "help.slack": "在频道里 @我，我会在消息列里回答，之后无需再次 @我。也可以直接给我发私信。"
    "在消息列里，可以 @我 并只写其中一个词（如 stop、mute）来代替命令。",
    "mute": "从现在起，在这个消息列里只有 @我 时我才回答。如需恢复，请 @我 并只写：unmute",
    "unmute": "从现在起，在这个消息列里无需 @我，我也会回答。",
    "mute.nowhere": "这里没有我会主动回答的消息列。",
    "command.mute": "在这个消息列里只有被 @ 时才回答",
    "command.unmute": "在这个消息列里无需 @ 也回答",
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
    "more": "接下来呢？",
    "asked": "请回答，我在等您。",
    "turn": "（编号 {turn}）",
    "doing.thinking": "💭 思考中…",
    "doing.tool": "🔧 正在使用 {name}…",
    "doing.step": "⚙️ {name}…",
    "stop.waiting": "已停止，不再等待您的回答。",
    "late": "这个按钮属于较早的回答，请使用最新回答下面的按钮。",
    "ask.late": "这个建议问题已经失效，请直接输入。",
    "ask.empty": "请在命令后面写上内容。",
    "budget": "您今天的额度已用完，{hours} 小时 {minutes} 分钟后（UTC 零点）恢复。",
    "usage": (
        "今天：{today_turns} 次回答，{today_tokens} 个 token。\n"
        "最近 30 天：{turns} 次回答，{tokens} 个 token。"
    ),
    "usage.limit": (
        "每天 {most} 个 token，还剩 {left} 个，{hours} 小时 {minutes} 分钟后（UTC 零点）重新计算。"
    ),
    "bot.list": "现在由 {name} 回答。要换成谁？",
    "bot.chosen": "从现在起由 {name} 在这里回答，使用独立的对话。",
    "bot.unknown": "没有叫 {name} 的机器人。要由谁来回答？",
    "vars.off": "这个机器人不允许用户查看它记住的内容。",
    "vars.read_only": "这些内容只能查看，不能修改。",
    "vars.none": "这个机器人没有记住关于您的内容。",
    "vars.list": "机器人记得：\n\n{lines}",
    "vars.unknown": "机器人没有名为 {name} 的变量。",
    "vars.set": "已记住：{names}。",
    "export": "这是到目前为止的对话。",
    "export.nothing": "还没有可以导出的对话。",
    "form.title": "反馈",
    "form.send": "发送",
    "form.close": "取消",
    "form.words": "用您自己的话说",
    "rate.thanks": "谢谢！",
    "rate.why": "很抱歉。哪里不好？",
    "rate.late": "这条回答太早了，无法评价。",
    "rate.failed": "评价没有送达，请稍后再试。",
    "reason.wrong": "不正确",
    "reason.unhelpful": "没有帮助",
    "reason.unsafe": "内容不当",
    "reason.style": "太长或不清楚",
    "input.needed": "“{name}”的值是什么？{about}",
    "input.integer": "“{name}”必须是整数，不能是“{found}”。请重新输入。",
    "input.number": "“{name}”必须是数字，不能是“{found}”。请重新输入。",
    "input.boolean": "“{name}”必须是“是”或“否”，不能是“{found}”。请重新输入。",
    "input.array": "“{name}”必须是列表，例如：a, b, c。请重新输入。",
    "input.object": "“{name}”必须是 JSON 对象。请重新输入。",
    "file.too_large": "{name} 太大了，我无法处理。",
    "file.type": "我无法读取 {name} 这类文件。",
    "file.empty": "{name} 是空的。",
    "file.gone": "{name} 已经不在了，请重新发送。",
    "file.unavailable": "{name} 没有取到，请重新发送。",
    "file.none": "这些文件我都无法读取。",
    "voice.silent": "没有听到说话的内容，请再试一次。",
    "command.usage": "我的用量",
    "command.export": "导出我们的对话",
    "command.bot": "选择由谁回答",
    "command.vars": "机器人记住的内容",
    "stranger": "抱歉，我不对所有人开放。如需使用，请把您的 ID 告诉我的管理员：{id}",
    "pairing": (
        "您好！我还不认识您。请在一小时内把这个配对码告诉我的管理员：{code}\n\n"
        "管理员可以这样让您使用：coze-bridge pair {code}"
    ),
    "paired": "您已获准使用。给我发消息，我就会回答。",
    "unlisted": "抱歉，我没有被设置在这个群里使用，这就退出。管理员可以用群 ID 添加它：{chat}",
    "external": "抱歉，我只与所属工作区的成员对话，不在有外部人员的频道里回答。",
    "not_yours": "这个按钮只给提问的人使用。您也可以自己向我提问！",
    "group.before": "群里此前的消息：",
    "thread.before": "这个消息列里此前的消息（仅供了解，无需回答）：",
    "somebody": "某人",
    "error.tool": "机器人想使用“{name}”，但这里没有设置它，需要管理员处理。",
}


def say(key: str, language: str, **values: object) -> str:
    """The sentence `key` in the user's language: Chinese, and English for all others."""
    table = CHINESE if language.lower().startswith("zh") else ENGLISH
    return table[key].format(**values)


def trouble(error: BridgeError, language: str) -> str:
    """What to say of an error; a file that it does not name is a paper clip."""
    return say(error.say, language, **{"name": "📎", **error.values})
