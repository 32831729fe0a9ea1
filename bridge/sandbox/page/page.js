// The page of the sandbox: two panes that show what the server last said, and post what is done.

import { find } from "./pane.js";
import { Slack } from "./slack.js";
import { Telegram } from "./telegram.js";

const panes = {
  telegram: new Telegram(find("#telegram")),
  slack: new Slack(find("#slack")),
};
let active = panes.telegram;

for (const pane of Object.values(panes)) {
  const activate = () => {
    active = pane;
    find("#where").textContent = find("h2", pane.root).textContent;
  };
  pane.root.addEventListener("focusin", activate);
  pane.root.addEventListener("pointerdown", activate);
}
for (const chip of document.querySelectorAll("#chips button")) {
  const text = chip.dataset.text ?? chip.textContent;
  chip.addEventListener("click", () => active.say(active.addressed(text)));
}
// A file that is dropped beside the panes must not take the place of the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());

/** Show what the server says; a browser reconnects by itself unless it was refused. */
function listen() {
  const stream = new EventSource("/events");
  stream.onopen = () => { find("#lost").hidden = true; };
  stream.onmessage = ({ data }) => {
    const { note, toast, ...chats } = JSON.parse(data);
    find("#note").textContent = note;
    for (const [platform, pane] of Object.entries(panes)) pane.show(chats[platform]);
    panes.telegram.toast(toast);
  };
  stream.onerror = () => {
    find("#lost").hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  };
}

listen();
panes.telegram.box.focus();
