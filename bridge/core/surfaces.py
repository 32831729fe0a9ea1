"""What is said on forms and pages, beside the chats; `core.texts` knows it too."""

ENGLISH = {
    "about.title": "Ask about this",
    "about.question": "What do you want to know? Left empty, I explain the message below.",
    "about.ask": "Ask",
    "about.explain": "Please explain this.",
    "about.outside": (
        "I am not in this conversation, so I cannot answer here. In a channel, type "
        "/invite and my name; or send me the message directly."
    ),
    "about.empty": "There are no words in this message that I could read.",
    "about.late": "That took too long. Please try again.",
    "home.new": "✨ New conversation",
}

CHINESE = {
    "about.title": "就这条消息提问",
    "about.question": "想了解什么？留空则由我解释下面的消息。",
    "about.ask": "提问",
    "about.explain": "请解释一下这条消息。",
    "about.outside": (
        "我不在这个会话里，无法在这里回答。在频道里可以输入 /invite 邀请我，或者把消息直接发给我。"
    ),
    "about.empty": "这条消息里没有我能读的文字。",
    "about.late": "等待的时间太长了，请重试。",
    "home.new": "✨ 开始新对话",
}
