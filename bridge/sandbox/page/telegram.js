// The left pane.

import { keyboard, showAll, small, view } from "./nodes.js";
import { Pane } from "./pane.js";
import { el, styled } from "./text.js";

const TYPING = 5000; // milliseconds that a chat action is shown

export class Telegram extends Pane {
  get user() {
    return Number(this.room.id) > 0 ? this.room.id : this.speaker;
  }

  request(text) {
    return ["/telegram/say", { text, chat: Number(this.room.id), user: Number(this.user) }];
  }

  /** `text` so that the bot hears it in this chat. */
  addressed(text) {
    const heard = Number(this.room.id) > 0 || text.startsWith("/");
    return heard ? text : `@coze_sandbox_bot ${text}`;
  }

  draw(room, { typing, messages }) {
    const texts = new Map(messages.map(({ id, text }) => [id, text]));
    const items = messages.map((each) => ({ ...each, quoted: texts.get(each.reply_to) ?? "" }));
    showAll(room.log, items, "id", () => this.bubble(room));
    const spoken = messages.findLast((each) => each.from_bot)?.id;
    if (typing > room.actions) this.showTyping(room, TYPING);
    if (spoken !== room.spoken) this.showTyping(room, 0);
    Object.assign(room, { actions: typing, spoken });
  }

  showTyping(room, milliseconds) {
    clearTimeout(room.timer);
    room.after.hidden = !milliseconds;
    if (milliseconds) room.timer = setTimeout(() => this.showTyping(room, 0), milliseconds);
  }

  bubble(room) {
    const name = el("b"), quote = el("q"), text = el("div", { className: "text" });
    const bubble = el("div", { className: "bubble" });
    const print = small(bubble);
    bubble.append(name, quote, text, print);
    const node = el("article", {}, bubble);
    const keys = keyboard((label) => {
      const body = { chat: Number(room.id), message_id: Number(node.dataset.key), label };
      this.act(() => ["/telegram/press", { ...body, user: Number(this.user) }]);
    });
    node.append(keys);
    return view(node, (message) => {
      node.className = message.from_bot ? "theirs" : "ours";
      name.textContent = message.name;
      name.hidden = Number(room.id) > 0;
      quote.textContent = message.quoted;
      quote.hidden = !message.quoted;
      text.replaceChildren(...styled(message.text, message.entities));
      print.show(message, ...(message.reaction ? [message.reaction] : []));
      keys.show(message.buttons);
    });
  }
}
