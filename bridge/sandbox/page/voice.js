// Voice messages: one that is recorded, where browser and microphone allow it, or a sample.

import { choice, dropdown } from "./menu.js";
import { el } from "./text.js";

// Telegram takes a voice message in these only; not every browser makes them.
const TYPES = ["audio/ogg;codecs=opus", "audio/mp4"];

export class Voice {
  /** `details` is the menu; `send` is called with seconds and files, none for the sample. */
  constructor(details, send) {
    this.details = details;
    this.list = details.querySelector("ul");
    this.send = send;
    const recorder = globalThis.MediaRecorder;
    this.type = navigator.mediaDevices && TYPES.find((type) => recorder?.isTypeSupported(type));
    dropdown(details);
    details.addEventListener("toggle", () => (details.open ? this.offer() : this.stop?.(false)));
  }

  offer(trouble = "") {
    const record = choice(() => this.record(), "Record a voice message");
    const sample = choice(() => this.close([], 1), "Send a sample: three notes");
    const choices = this.type && !trouble ? [record, sample] : [sample];
    this.list.replaceChildren(...(trouble ? [el("li", {}, trouble)] : []), ...choices);
  }

  close(files, seconds) {
    this.details.open = false;
    this.details.firstElementChild.focus();
    this.send(seconds, files);
  }

  async record() {
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
    if (!microphone) return this.offer("There is no microphone, or it may not be used.");
    const recorder = new MediaRecorder(microphone, { mimeType: this.type });
    const begun = Date.now();
    recorder.ondataavailable = ({ data }) => {
      const seconds = Math.max(1, Math.round((Date.now() - begun) / 1000));
      if (this.wanted) this.close([new File([data], "voice", { type: this.type })], seconds);
    };
    this.stop = (wanted) => {
      this.stop = null;
      this.wanted = wanted;
      recorder.stop();
      for (const track of microphone.getTracks()) track.stop();
    };
    if (!this.details.open) return this.stop(false);
    recorder.start();
    const cancel = () => { this.details.open = false; };
    this.list.replaceChildren(
      el("li", { className: "recording", role: "status" }, "Recording…"),
      choice(() => this.stop(true), "Send"),
      choice(cancel, "Cancel"),
    );
    this.list.querySelector("button").focus();
  }
}
