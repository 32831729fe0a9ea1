// The files that are about to be sent: chosen, dropped on the pane, or pasted.

import { bytes } from "./media.js";
import { el } from "./text.js";

export class Tray {
  /** `resize` is called with a change of the tray, which takes room from the chat. */
  constructor(root, resize) {
    this.files = [];
    this.resize = resize;
    this.list = root.querySelector(".tray");
    this.box = root.querySelector("textarea");
    const chooser = root.querySelector("input[type=file]");
    root.querySelector(".clip").addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", () => {
      this.add(chooser.files);
      chooser.value = "";
    });
    this.box.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      this.add(event.clipboardData.files);
    });
    const over = (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      root.classList.toggle("dropping", event.type === "dragover");
      if (event.type === "drop") this.add(event.dataTransfer.files);
    };
    for (const kind of ["dragover", "dragleave", "drop"]) root.addEventListener(kind, over);
  }

  add(files) {
    this.put([...this.files, ...files]);
    this.box.focus();
  }

  put(files) {
    this.files = files;
    this.resize(() => this.list.replaceChildren(...files.map((file) => this.chip(file))));
  }

  /** The files, which are then no longer here. */
  take() {
    const { files } = this;
    this.put([]);
    return files;
  }

  chip(file) {
    const remove = el("button", { type: "button", ariaLabel: `Remove ${file.name}` }, "×");
    remove.addEventListener("click", () => {
      this.put(this.files.filter((each) => each !== file));
      this.box.focus();
    });
    return el("li", {}, el("span", {}, file.name), el("i", {}, bytes(file.size)), remove);
  }
}
