// The right pane: threads, indented below the messages that they answer.

import { keyboard, showAll, small, view } from "./nodes.js";
import { find, Pane } from "./pane.js";
import { el, markdown, mentioning } from "./text.js";

const DIRECT = "D0ANN"; // Ann's direct messages with the bot
const DELETED = {
  name: "", text: "This message was deleted.", mentions: {}, reactions: [], buttons: [],
};

export class Slack extends Pane {
  constructor(root) {
    super(root);
    this.replying = find(".replying", root);
    find("button", this.replying).addEventListener("click", () => this.enter(null));
    this.box.addEventListener("keydown", ({ key }) => key === "Escape" && this.enter(null));
  }

  get user() {
    return this.room.id === DIRECT ? "U0ANN" : this.speaker;
  }

  request(text) {
    const where = { channel: this.room.id, user: this.user };
    const [, command, rest] = text.match(/^\/(\S*)\s*(.*)/s) ?? [];
    if (command === "coze") return ["/slack/command", { text: rest, ...where }];
    if (command) throw new Error(`/${command} is not a valid command. Here only /coze is.`);
    const thread = this.thread && { thread_ts: this.thread.dataset.key };
    return ["/slack/say", { text, ...where, ...thread }];
  }

  addressed(text) {
    if (text.startsWith("/")) return `/coze ${text.slice(1)}`;
    return this.room.id === DIRECT || this.thread ? text : `<@U0BOT> ${text}`;
  }

  select(room) {
    if (this.thread) this.enter(null);
    super.select(room);
  }

  /** Write to a thread from now on, or with null to the channel itself. */
  enter(thread) {
    this.thread?.classList.remove("entered");
    this.thread = thread;
    this.replying.hidden = !thread;
    if (!thread) return;
    thread.classList.add("entered");
    const about = find(".text", thread).textContent;
    find("span", this.replying).textContent = `In the thread of “${about}”`;
    this.box.focus();
  }

  endOf(room) {
    return room === this.room && this.thread?.isConnected ? this.thread : super.endOf(room);
  }

  draw(room, threads) {
    showAll(room.log, threads, "ts", () => this.threadIn(room));
    if (this.thread && !this.thread.isConnected) this.enter(null);
  }

  threadIn(room) {
    const root = this.messageIn(room);
    const replies = el("div", { className: "replies" });
    const status = el("p", { className: "typing" });
    const reply = el("button", { type: "button", className: "reply" }, "Reply in thread");
    const node = el("section", { className: "thread" }, root, replies, status, reply);
    reply.addEventListener("click", () => this.enter(node));
    return view(node, (thread) => {
      root.show(thread.root ?? DELETED);
      root.classList.toggle("gone", !thread.root);
      showAll(replies, thread.replies, "ts", () => this.messageIn(room));
      status.textContent = `Coze ${thread.status}`;
      status.hidden = !thread.status;
      reply.hidden = !thread.root || Boolean(thread.root.only_for);
    });
  }

  messageIn(room) {
    const face = el("span", { className: "face", ariaHidden: "true" });
    const name = el("b");
    const app = el("span", { className: "app" }, "APP");
    const time = el("time");
    const secret = el("i");
    const head = el("div", { className: "head" }, name, " ", app, " ", time, " ", secret);
    const text = el("div", { className: "text" });
    const node = el("article");
    const print = small(node);
    let shown;
    const keys = keyboard((label) => {
      const user = shown.only_for?.user ?? this.user;
      this.act(() => ["/slack/press", { channel: room.id, ts: shown.ts, label, user }]);
    });
    node.append(face, el("div", { className: "body" }, head, text, keys, print));
    return view(node, (message) => {
      shown = message;
      face.textContent = message.name.slice(0, 1);
      face.dataset.who = name.textContent = message.name;
      app.hidden = !message.from_bot;
      time.textContent = message.ts ? clock(message.ts) : "";
      secret.textContent = message.only_for ? `Only visible to ${message.only_for.name}` : "";
      text.classList.toggle("markdown", Boolean(message.markdown));
      text.replaceChildren(...words(message));
      print.show(message, ...message.reactions.map((each) => `:${each}:`));
      keys.show([message.buttons.map((label) => ({ label, works: true }))]);
    });
  }
}

function words({ text, markdown: rich, mentions }) {
  return rich ? markdown(text) : mentioning(text, mentions);
}

function clock(ts) {
  return new Date(ts * 1000).toLocaleTimeString([], { timeStyle: "short" });
}
