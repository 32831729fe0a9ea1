// A menu that opens above its <summary>: keys and screen readers know what to do with it.

import { el } from "./text.js";

/** Let a <details> close by Escape, and when one turns to something else. */
export function dropdown(details) {
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.firstElementChild.focus();
  });
  details.addEventListener("focusout", ({ relatedTarget }) => leave(relatedTarget));
  document.addEventListener("pointerdown", ({ target }) => leave(target));

  function leave(target) {
    if (target && !details.contains(target)) details.open = false;
  }
}

/** One thing to choose in a menu. */
export function choice(choose, ...words) {
  const button = el("button", { type: "button" }, ...words);
  button.addEventListener("click", choose);
  return el("li", {}, button);
}
