// The left pane: bubbles.

import { keyboard, showAll, small, view } from "./nodes.js";
import { Pane } from "./pane.js";
import { el, styled } from "./text.js";

const TYPING = 5000; // milliseconds that a chat action is shown

const isGroup = (room) => Number(room.id) < 0;

export class Telegram extends Pane {
  /** The owner of a private chat; in a group, who speaks. */
  get user() {
    return Number(isGroup(this.room) ? this.speaker : this.room.id);
  }

  request(text) {
    return ["/telegram/say", { text, chat: Number(this.room.id), user: this.user }];
  }

  addressed(text) {
    return isGroup(this.room) && !text.startsWith("/") ? `@coze_sandbox_bot ${text}` : text;
  }

  draw(room, { typing, messages }) {
    const texts = new Map(messages.map(({ id, text }) => [id, text]));
    const items = messages.map((each) => ({ ...each, quoted: texts.get(each.reply_to) ?? "" }));
    showAll(room.log, items, "id", () => this.messageIn(room));
    const last = messages.findLast((each) => each.from_bot)?.id;
    if (typing > room.actions) this.showTyping(room, TYPING);
    if (last !== room.last) this.showTyping(room, 0);
    Object.assign(room, { actions: typing, last });
  }

  showTyping(room, milliseconds) {
    clearTimeout(room.timer);
    room.typing.hidden = !milliseconds;
    if (milliseconds) room.timer = setTimeout(() => this.showTyping(room, 0), milliseconds);
  }

  messageIn(room) {
    const name = el("b");
    const quote = el("q");
    const text = el("div", { className: "text" });
    const bubble = el("div", { className: "bubble" }, name, quote, text);
    const print = small(bubble);
    bubble.append(print);
    const node = el("article", {}, bubble);
    const keys = keyboard((label) => {
      const message = { chat: Number(room.id), message_id: Number(node.dataset.key) };
      this.act(() => ["/telegram/press", { ...message, label, user: this.user }]);
    });
    node.append(keys);
    return view(node, (message) => {
      node.className = message.from_bot ? "theirs" : "ours";
      name.textContent = message.name;
      name.hidden = !isGroup(room);
      quote.textContent = message.quoted;
      quote.hidden = !message.quoted;
      text.replaceChildren(...styled(message.text, message.entities));
      print.show(message, message.reaction);
      keys.show(message.buttons);
    });
  }
}
