"""The words of the Bot API: names of fields, kinds and emoji."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OBJECT_PARAMS = _words("""
    allowed_updates caption_entities commands entities link_preview_options media reaction
    reply_markup reply_parameters scope
""")
INTEGER_PARAMS = _words("""
    cache_time chat_id draft_id duration height limit max_connections message_id message_thread_id
    offset reply_to_message_id timeout width
""")
FLAG_PARAMS = _words("""
    allow_sending_without_reply can_stop disable_content_type_detection disable_notification
    disable_web_page_preview drop_pending_updates has_spoiler is_big keep_on_stop protect_content
    show_alert show_caption_above_media supports_streaming
""")

UPDATE_KINDS = _words("""
    message edited_message channel_post edited_channel_post inline_query chosen_inline_result
    callback_query shipping_query pre_checkout_query poll poll_answer my_chat_member chat_member
    chat_join_request chat_boost removed_chat_boost message_reaction message_reaction_count
    business_connection business_message edited_business_message deleted_business_messages
    purchased_paid_media managed_bot guest_message subscription stopped_message_generation
""")
DEFAULT_UPDATE_KINDS = UPDATE_KINDS - {"chat_member", "message_reaction", "message_reaction_count"}

CHAT_ACTIONS = _words("""
    cancel typing record_video upload_video record_audio record_voice upload_audio upload_voice
    upload_photo upload_document choose_sticker pick_up_location find_location record_video_note
    upload_video_note
""")

BUTTON_ACTIONS = _words("""
    url callback_data callback_game pay switch_inline_query switch_inline_query_chosen_chat
    switch_inline_query_current_chat login_url web_app copy_text
""")

COMMAND_SCOPES = _words("""
    default all_private_chats all_group_chats all_chat_administrators chat chat_administrators
    chat_member
""")

GIFT_KINDS = _words("""
    unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels
""")

STYLE_ENTITIES = _words("bold italic underline strikethrough spoiler")
QUOTE_ENTITIES = _words("blockquote expandable_blockquote")
PRE_ENTITIES = _words("pre code date_time")
PLAIN_ENTITIES = STYLE_ENTITIES | QUOTE_ENTITIES | {"code"}
# The server finds these by itself and ignores a bot that names them.
FOUND_ENTITIES = _words("""
    mention hashtag cashtag bot_command url email phone_number bank_card_number
""")

# Without the variation selector that some clients add.
REACTIONS = _words("""
    👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯
    🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄
    ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡
""")
