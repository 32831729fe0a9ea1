// The right pane: threads, indented below the messages that they answer.

import { media } from "./media.js";
import { keyboard, showAll, small, view } from "./nodes.js";
import { find, Pane } from "./pane.js";
import { el, markdown, mentioning } from "./text.js";

const DIRECT = "D0ANN"; // Ann's direct messages with the bot
const DELETED = {
  name: "", parts: [{ style: "plain", text: "This message was deleted." }],
  mentions: {}, files: [], reactions: [], buttons: [],
};

export class Slack extends Pane {
  constructor(root) {
    super(root);
    this.replying = find(".replying", root);
    find("button", this.replying).addEventListener("click", () => this.enter(null));
    this.box.addEventListener("keydown", ({ key }) => key === "Escape" && this.enter(null));
    find(".assistant", root).addEventListener("click", async () => {
      this.room.jump = this.opening = true;
      if (!(await this.act(() => ["/slack/assistant", {}]))) this.opening = false;
    });
  }

  get user() {
    return this.room.id === DIRECT ? "U0ANN" : this.speaker;
  }

  request(text, files) {
    const where = { channel: this.room.id, user: this.user };
    const thread = this.thread && { thread_ts: this.thread.dataset.key };
    if (files.length) return ["/slack/share", { text, ...where, ...thread }, files];
    const [, command, rest] = text.match(/^\/(\S*)\s*(.*)/s) ?? [];
    if (command === "coze") return ["/slack/command", { text: rest, ...where }];
    if (command) throw new Error(`/${command} is not a valid command. Here only /coze is.`);
    return ["/slack/say", { text, ...where, ...thread }];
  }

  addressed(text) {
    if (text.startsWith("/")) return `/coze ${text.slice(1)}`;
    return this.room.id === DIRECT || this.thread ? text : `<@U0BOT> ${text}`;
  }

  makeRoom(tab) {
    const room = super.makeRoom(tab);
    room.prompts = this.promptsIn(room, () => null);
    room.log.after(room.prompts);
    return room;
  }

  select(room) {
    if (this.thread) this.enter(null);
    super.select(room);
    if (room.id === DIRECT) this.act(() => ["/slack/home", {}]);
  }

  /** Write to a thread from now on, or with null to the channel itself. */
  enter(thread) {
    this.thread?.classList.remove("entered");
    this.thread = thread;
    this.replying.hidden = !thread;
    if (!thread) return;
    thread.classList.add("entered");
    const about = find(".text", thread).textContent || "a file";
    find("span", this.replying).textContent = `In the thread of “${about}”`;
    this.box.focus();
  }

  endOf(room) {
    return room === this.room && this.thread?.isConnected ? this.thread : super.endOf(room);
  }

  draw(room, { threads, prompts }) {
    const before = room.log.lastElementChild;
    showAll(room.log, threads, "ts", () => this.threadIn(room));
    room.prompts.show(prompts);
    if (this.thread && !this.thread.isConnected) this.enter(null);
    const after = room.log.lastElementChild;
    if (!this.opening || room.id !== DIRECT || after === before) return;
    this.opening = false;
    this.enter(after);
  }

  threadIn(room) {
    const root = this.messageIn(room);
    const replies = el("div", { className: "replies" });
    const status = el("p", { className: "typing" });
    const reply = el("button", { type: "button", className: "reply" }, "Reply in thread");
    const prompts = this.promptsIn(room, () => node.dataset.key);
    const node = el("section", { className: "thread" }, root, replies, status, prompts, reply);
    reply.addEventListener("click", () => this.enter(node));
    return view(node, (thread) => {
      root.show(thread.root ?? DELETED);
      root.classList.toggle("gone", !thread.root);
      showAll(replies, thread.replies, "ts", () => this.messageIn(room));
      status.textContent = `Coze ${thread.status}`;
      status.hidden = !thread.status;
      prompts.show(thread.prompts);
      reply.hidden = !thread.root || Boolean(thread.root.only_for);
    });
  }

  /** What the app suggests to say in a thread, or at the top if `root` returns null. */
  promptsIn(room, root) {
    return view(el("div", { className: "prompts" }), (titles, node) => {
      node.hidden = !titles.length;
      const chips = titles.map((title) => {
        const chip = el("button", { type: "button" }, title);
        const where = { channel: room.id, thread_ts: root() };
        chip.addEventListener("click", () => {
          room.jump = true;
          this.act(() => ["/slack/pick", { title, ...where }]);
        });
        return chip;
      });
      node.replaceChildren(...chips);
    });
  }

  messageIn(room) {
    const face = el("span", { className: "face", ariaHidden: "true" });
    const name = el("b");
    const app = el("span", { className: "app" }, "APP");
    const time = el("time");
    const secret = el("i", { className: "secret" });
    const head = el("div", { className: "head" }, name, " ", app, " ", time);
    const text = el("div", { className: "text" });
    const files = media();
    const node = el("article");
    const print = small(node);
    let shown;
    const keys = keyboard((label) => {
      const user = shown.only_for?.user ?? this.user;
      this.act(() => ["/slack/press", { channel: room.id, ts: shown.ts, label, user }]);
    });
    node.append(face, el("div", { className: "body" }, secret, head, text, files, keys, print));
    return view(node, (message) => {
      shown = message;
      face.textContent = message.name.slice(0, 1);
      face.dataset.who = name.textContent = message.name;
      app.hidden = !message.from_bot;
      time.textContent = message.ts ? clock(message.ts) : "";
      secret.textContent = message.only_for ? "Only visible to you" : "";
      secret.textContent += message.only_for && room.id !== DIRECT ? `, ${message.only_for.name}` : "";
      text.replaceChildren(...message.parts.map((part) => words(part, message.mentions)));
      files.show(message.files);
      print.show(message, ...message.reactions.map((each) => `:${each}:`));
      keys.show(message.buttons);
    });
  }
}

/** The words of one block. */
function words({ style, text }, mentions) {
  const nodes = style === "markdown" ? markdown(text) : mentioning(text, mentions);
  return el("div", { className: style }, ...nodes);
}

function clock(ts) {
  return new Date(ts * 1000).toLocaleTimeString([], { timeStyle: "short" });
}
