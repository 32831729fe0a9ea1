// The right pane.

import { keyboard, showAll, small, view } from "./nodes.js";
import { find, Pane } from "./pane.js";
import { el, markdown, mentioning } from "./text.js";

export class Slack extends Pane {
  constructor(root) {
    super(root);
    this.replying = find(".replying", root);
    find("button", this.replying).addEventListener("click", () => this.enter(null));
    this.box.addEventListener("keydown", ({ key }) => key === "Escape" && this.enter(null));
  }

  get user() {
    return this.room.id === "D0ANN" ? "U0ANN" : this.speaker;
  }

  request(text) {
    const where = { channel: this.room.id, user: this.user };
    const [, command, rest] = text.match(/^\/(\S*)\s*(.*)/s) ?? [];
    if (command === "coze") return ["/slack/command", { text: rest, ...where }];
    if (command) throw new Error(`/${command} is not a valid command. Here only /coze is.`);
    return ["/slack/say", { text, ...where, ...(this.thread && { thread_ts: this.thread.dataset.key }) }];
  }

  addressed(text) {
    if (text.startsWith("/")) return `/coze ${text.slice(1)}`;
    return this.room.id === "D0ANN" || this.thread ? text : `<@U0BOT> ${text}`;
  }

  select(room) {
    if (this.replying) this.enter(null);
    super.select(room);
  }

  /** Write to a thread from now on, or to the channel itself. */
  enter(thread) {
    this.thread?.classList.remove("entered");
    this.thread = thread;
    thread?.classList.add("entered");
    this.replying.hidden = !thread;
    if (!thread) return;
    find("span", this.replying).textContent = `In the thread of “${find(".text", thread).textContent}”`;
    this.box.focus();
  }

  endOf(room) {
    return this.thread?.isConnected && room === this.room ? this.thread : super.endOf(room);
  }

  draw(room, threads) {
    showAll(room.log, threads, "ts", () => this.threadOf(room));
    if (this.thread && !this.thread.isConnected) this.enter(null);
  }

  threadOf(room) {
    const root = this.message(room), replies = el("div", { className: "replies" });
    const status = el("p", { className: "typing" });
    const reply = el("button", { type: "button", className: "reply" }, "Reply in thread");
    const node = el("section", { className: "thread" }, root, replies, status, reply);
    reply.addEventListener("click", () => this.enter(node));
    return view(node, (thread) => {
      const gone = { ts: thread.ts, name: "", text: "This message was deleted.", mentions: {}, buttons: [] };
      root.show(thread.root ?? gone);
      root.classList.toggle("gone", !thread.root);
      showAll(replies, thread.replies, "ts", () => this.message(room));
      status.hidden = !thread.status;
      status.textContent = `Coze ${thread.status}`;
      reply.hidden = !thread.root || thread.root.only_for;
    });
  }

  message(room) {
    const face = el("span", { className: "face", ariaHidden: "true" }), name = el("b");
    const app = el("span", { className: "app" }, "APP"), time = el("time"), secret = el("i");
    const text = el("div", { className: "text" });
    const head = el("div", { className: "head" }, name, " ", app, " ", time, " ", secret);
    const node = el("article", {});
    const print = small(node);
    let shown;
    const keys = keyboard((label) => {
      const body = { channel: room.id, ts: shown.ts, label, user: shown.only_for?.user ?? this.user };
      this.act(() => ["/slack/press", body]);
    });
    node.append(face, el("div", { className: "body" }, head, text, keys, print));
    return view(node, (message) => {
      shown = message;
      face.textContent = message.name.slice(0, 1);
      face.dataset.who = name.textContent = message.name;
      app.hidden = !message.from_bot;
      time.textContent = new Date(message.ts * 1000).toLocaleTimeString([], { timeStyle: "short" });
      secret.textContent = message.only_for ? `Only visible to ${message.only_for.name}` : "";
      text.classList.toggle("markdown", Boolean(message.markdown));
      text.replaceChildren(
        ...(message.markdown ? markdown(message.text) : mentioning(message.text, message.mentions)),
      );
      print.show(message, ...(message.reactions ?? []).map((each) => `:${each}:`));
      keys.show([message.buttons.map((label) => ({ label, works: true }))]);
    });
  }
}
