// The left pane: bubbles.

import { media } from "./media.js";
import { choice, dropdown } from "./menu.js";
import { keyboard, showAll, small, view } from "./nodes.js";
import { find, Pane } from "./pane.js";
import { el, styled } from "./text.js";
import { Voice } from "./voice.js";

const TYPING = 5000; // milliseconds that a chat action is shown
const TOAST = 4000;
const RATINGS = ["👍", "👎"]; // what can be reacted with here
const LONG = /(\n.*){3}|.{150}/s; // a quote that does not fit in three lines

const isGroup = (room) => Number(room.id) < 0;

export class Telegram extends Pane {
  constructor(root) {
    super(root);
    this.menu = find(".commands", root);
    dropdown(this.menu);
    this.menu.addEventListener("toggle", () => this.menu.open && this.offerCommands());
    new Voice(find(".voice", root), (seconds, files) => {
      this.room.jump = true;
      this.act(() => ["/telegram/speak", { seconds, ...this.here }, files]);
    });
  }

  /** The owner of a private chat; in a group, who speaks. */
  get user() {
    return Number(isGroup(this.room) ? this.speaker : this.room.id);
  }

  get here() {
    return { chat: Number(this.room.id), user: this.user };
  }

  request(text, files) {
    if (files.length) return ["/telegram/send", { text, ...this.here }, files];
    return ["/telegram/say", { text, ...this.here }];
  }

  addressed(text) {
    if (!isGroup(this.room)) return text;
    return text.startsWith("/") ? text : `@coze_sandbox_bot ${text}`;
  }

  draw(room, { typing, menu, messages }) {
    const texts = new Map(messages.map(({ id, text, media }) => [id, text || media[0]?.name]));
    const items = messages.map((each) => ({ ...each, quoted: texts.get(each.reply_to) ?? "" }));
    showAll(room.log, items, "id", () => this.messageIn(room));
    const last = messages.findLast((each) => each.from_bot)?.id;
    if (typing > room.actions) this.showTyping(room, TYPING);
    if (last !== room.last) this.showTyping(room, 0);
    Object.assign(room, { actions: typing, last, menu });
  }

  showTyping(room, milliseconds) {
    clearTimeout(room.timer);
    room.typing.hidden = !milliseconds;
    if (milliseconds) room.timer = setTimeout(() => this.showTyping(room, 0), milliseconds);
  }

  /** Show for a while what the bot told who pressed a button, unless that was before we came. */
  toast(told) {
    const query = told?.query;
    const node = find(".toast", this.root);
    if (this.told !== undefined && query && query !== this.told) {
      clearTimeout(this.toasting);
      node.textContent = told.text;
      node.hidden = false;
      this.toasting = setTimeout(() => { node.hidden = true; }, TOAST);
    }
    this.told = query ?? "";
  }

  /** List the bot's commands; the one that is chosen is sent, as in the app. */
  offerCommands() {
    const suffix = isGroup(this.room) ? "@coze_sandbox_bot" : "";
    const choices = (this.room.menu ?? []).map(({ command, description }) => {
      const send = () => {
        this.menu.open = false;
        this.box.focus();
        this.say(`/${command}${suffix}`);
      };
      return choice(send, el("b", {}, `/${command}`), ` ${description}`);
    });
    const none = el("li", {}, "The bot has no commands.");
    find("ul", this.menu).replaceChildren(...(choices.length ? choices : [none]));
  }

  messageIn(room) {
    const name = el("b");
    const quote = el("q");
    const files = media();
    const text = el("div", { className: "text" });
    const more = el("button", { type: "button", className: "more" });
    const bubble = el("div", { className: "bubble" }, name, quote, files, text, more);
    const print = small(bubble);
    const node = el("article", {}, bubble);
    const on = () => ({ ...this.here, chat: Number(room.id), message_id: Number(node.dataset.key) });
    const keys = keyboard((label) => this.act(() => ["/telegram/press", { ...on(), label }]));
    const marks = this.reactions((emoji) => this.act(() => ["/telegram/react", { ...on(), emoji }]));
    bubble.append(print, marks);
    node.append(keys);
    collapsible(text, more);
    return view(node, (message) => {
      node.className = message.from_bot ? "theirs" : "ours";
      name.textContent = message.name;
      name.hidden = !isGroup(room);
      quote.textContent = message.quoted;
      quote.hidden = !message.quoted;
      files.show(message.media);
      text.replaceChildren(...styled(message.text, message.entities));
      more.hidden = !LONG.test(find(".expandable_blockquote", text)?.textContent ?? "");
      print.show(message);
      marks.show(message);
      keys.show(message.buttons);
    });
  }

  /** The reactions to a message, and two to choose from while one points at it. */
  reactions(react) {
    const made = el("div", { className: "made" });
    const offered = el("div", { className: "offered", role: "group", ariaLabel: "React" });
    let mine = {};
    for (const emoji of RATINGS) {
      const button = el("button", { type: "button", ariaLabel: `React with ${emoji}` }, emoji);
      button.addEventListener("click", () => react(mine[this.user] === emoji ? "" : emoji));
      offered.append(button);
    }
    const node = el("div", { className: "reactions" }, made, offered);
    node.show = ({ reaction, reactions, from_bot: fromBot }) => {
      mine = reactions;
      offered.hidden = !fromBot;
      const all = [reaction, ...Object.values(reactions)].filter(Boolean);
      const count = (emoji) => all.filter((each) => each === emoji).length;
      const pills = [...new Set(all)].map((emoji) => el("span", {}, `${emoji} ${count(emoji)}`));
      made.replaceChildren(...pills);
    };
    return node;
  }
}

/** Let a click on `more`, or on a quote in `text` that can be expanded, do that and undo it. */
function collapsible(text, more) {
  const toggle = (expanded) => {
    text.classList.toggle("expanded", expanded);
    more.textContent = expanded ? "Show less" : "Show more";
    more.ariaExpanded = expanded;
  };
  const expanded = () => text.classList.contains("expanded");
  more.addEventListener("click", () => toggle(!expanded()));
  text.addEventListener("click", ({ target }) => {
    if (target.closest(".expandable_blockquote") && !more.hidden) toggle(!expanded());
  });
  toggle(false);
}
