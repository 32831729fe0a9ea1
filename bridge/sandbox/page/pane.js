// What both panes have in common: chats in tabs, a box to write in, an end that is followed.

import { bytes } from "./media.js";
import { el } from "./text.js";
import { Tray } from "./tray.js";

const MOST = 50 * 2 ** 20; // bytes of all files that are sent at once
const NEAR = 60; // pixels from the end of a chat that still count as being there

export const find = (selector, root = document) => root.querySelector(selector);

/** Tell the server what somebody did, with files or without; throws its refusal, a sentence. */
async function post(path, body, files) {
  const answer = await fetch(path, files ? bringing(body, files) : saying(body)).catch(() => {
    throw new Error("The sandbox does not answer.");
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
}

function saying(body) {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/** The bytes of the files come behind a line of JSON. */
function bringing(body, files) {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > MOST) throw new Error(`At most ${bytes(MOST)} can be sent at once.`);
  const announced = files.map(({ name, size, type }) => ({ name, size, type }));
  const head = JSON.stringify({ ...body, files: announced });
  const headers = { "Content-Type": "application/octet-stream" };
  return { method: "POST", headers, body: new Blob([head, "\n", ...files]) };
}

/**
 * A pane has a room for each tab. A subclass says what is in a room (`draw`), what is posted for
 * a text and files (`request`), and how a text is written so that the bot hears it (`addressed`).
 */
export class Pane {
  constructor(root) {
    this.root = root;
    this.form = find("form", root);
    this.box = find("textarea", root);
    this.trouble = find(".trouble", root);
    this.tools = [...root.querySelectorAll(".tools")];
    this.tray = new Tray(root, (change) => this.followEnd(this.room, change));
    this.rooms = [...root.querySelectorAll("[role=tab]")].map((tab) => this.makeRoom(tab));
    this.compose();
    this.select(this.rooms[0]);
  }

  makeRoom(tab) {
    const id = tab.dataset.chat;
    const log = el("div", { className: "log", role: "log", ariaLive: "polite", tabIndex: 0 });
    const typing = el("p", { className: "typing", hidden: true }, "typing…");
    const panel = el("div", { className: "room", role: "tabpanel" }, log, typing);
    log.ariaLabel = `Messages of ${tab.textContent}`;
    tab.id = `${this.root.id}-tab-${id}`;
    panel.id = `${this.root.id}-room-${id}`;
    panel.setAttribute("aria-labelledby", tab.id);
    tab.setAttribute("aria-controls", panel.id);
    this.form.before(panel);
    const room = { id, tab, panel, log, typing };
    tab.addEventListener("click", () => {
      this.select(room);
      this.box.focus();
    });
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
      const next = this.rooms[this.rooms.indexOf(room) + step];
      if (!step || !next) return;
      this.select(next);
      next.tab.focus();
    });
    return room;
  }

  select(room) {
    this.room = room;
    for (const each of this.rooms) {
      each.panel.hidden = each !== room;
      each.tab.tabIndex = each === room ? 0 : -1;
      each.tab.setAttribute("aria-selected", each === room);
    }
    delete room.tab.dataset.news;
    for (const tools of this.tools) tools.hidden = tools.dataset.only !== room.id;
    this.trouble.textContent = "";
    room.log.scrollTop = room.log.scrollHeight;
  }

  compose() {
    this.box.addEventListener("keydown", (event) => {
      // An input method takes Enter for itself; Safari tells so by this code only.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const [text, files] = [this.box.value, this.tray.take()];
      if (!text.trim() && !files.length) return;
      this.box.value = "";
      if (await this.say(text, files)) return;
      this.box.value = text + this.box.value;
      this.tray.put([...files, ...this.tray.files]);
    });
    find(".insert", this.root).addEventListener("click", (event) => {
      const { selectionStart: begin, selectionEnd: end } = this.box;
      this.box.setRangeText(`${event.target.dataset.text} `, begin, end, "end");
      this.box.focus();
    });
  }

  /** Who speaks where there is a choice. */
  get speaker() {
    return find("input:checked", this.root).value;
  }

  say(text, files = []) {
    this.room.jump = true;
    return this.act(() => this.request(text, files));
  }

  /** Post the [path, body, files] that `request` returns; returns whether it was taken. */
  async act(request) {
    this.trouble.textContent = "";
    try {
      await post(...request());
      return true;
    } catch (error) {
      this.trouble.textContent = error.message;
      return false;
    }
  }

  /** Show what the server says is in each chat now. */
  show(chats) {
    for (const room of this.rooms) {
      const now = JSON.stringify(chats[room.id]);
      if (now === room.shown) continue;
      if (room.shown && room !== this.room) room.tab.dataset.news = "";
      room.shown = now;
      this.followEnd(room, () => this.draw(room, chats[room.id]));
    }
  }

  /** Keep the end in view through a change, unless the person has scrolled away from it. */
  followEnd(room, change) {
    const bottom = (node) => node.getBoundingClientRect().bottom;
    const below = () => {
      const end = this.endOf(room);
      return end ? bottom(end) - bottom(room.log) : 0;
    };
    const there = below() < NEAR || room.jump;
    room.jump = false;
    change();
    if (there && below() > 0) room.log.scrollTop += below() + NEAR;
  }

  endOf(room) {
    return room.log.lastElementChild;
  }
}
