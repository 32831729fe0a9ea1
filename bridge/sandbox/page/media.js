// The files of a message: pictures, sound and video to be seen and heard, others to be saved.

import { view } from "./nodes.js";
import { el } from "./text.js";

/** `size` in words. */
export function bytes(size) {
  const [unit, name] = [[2 ** 20, "MB"], [2 ** 10, "KB"]].find(([least]) => size >= least) ?? [1, "bytes"];
  return `${Number((size / unit).toPrecision(3))} ${name}`;
}

/** The files below or above the words of a message. */
export function media() {
  return view(el("div", { className: "media" }), (files, node) => {
    node.hidden = !files.length;
    node.classList.toggle("several", files.filter(({ form }) => form === "image").length > 1);
    node.replaceChildren(...files.map((file) => (FORMS[file.url && file.form] ?? saved)(file)));
  });
}

const FORMS = {
  image({ name, url }) {
    const image = el("img", { src: url, alt: name });
    const button = el("button", { type: "button", className: "picture", title: "Show it large" }, image);
    button.addEventListener("click", () => enlarge(url, name));
    return button;
  },
  audio({ name, url, seconds }) {
    const player = el("audio", { controls: true, preload: "metadata", src: url, ariaLabel: name });
    return el("figure", {}, player, seconds ? el("figcaption", {}, `${name}, ${seconds} s`) : "");
  },
  video({ name, url }) {
    return el("video", { controls: true, preload: "metadata", src: url, ariaLabel: name });
  },
};

/** A link to a file; or only its name, if nobody has kept it. */
function saved({ name, size, url }) {
  const icon = el("span", { className: "leaf", ariaHidden: "true" }, ending(name));
  const about = url ? bytes(size) : `${bytes(size)}, not kept`;
  const words = el("span", {}, el("b", {}, name), el("i", {}, about));
  const props = url ? { href: url, download: name } : {};
  return el(url ? "a" : "span", { className: "file", ...props }, icon, words);
}

function ending(name) {
  return name.match(/\.(\w{1,4})$/)?.[1].toUpperCase() ?? "";
}

function enlarge(url, name) {
  const dialog = document.querySelector("#picture");
  Object.assign(dialog.querySelector("img"), { src: url, alt: name });
  dialog.onclick = () => dialog.close();
  dialog.showModal();
}
