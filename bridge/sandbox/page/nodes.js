// Pieces of both panes, updated in place: a button survives the edits of its message.

import { el } from "./text.js";

/** Give `node` a method `show`, which calls `draw` when what there is to show has changed. */
export function view(node, draw) {
  let shown;
  node.show = (value) => {
    const now = JSON.stringify(value);
    if (now !== shown) draw(value, node);
    shown = now;
  };
  return node;
}

/** Let the children of `parent` show `items`; those that were there stay the same nodes. */
export function showAll(parent, items, key, make) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const keys = items.map((item) => String(item[key]));
  for (const [gone, child] of known) if (!keys.includes(gone)) child.remove();
  items.forEach((item, at) => {
    const child = known.get(keys[at]) ?? make();
    child.dataset.key = keys[at];
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
    child.show(item);
  });
}

/** Rows of buttons under a message. */
export function keyboard(press) {
  const node = el("div", { className: "keyboard" });
  return view(node, (rows) => {
    node.replaceChildren(
      ...rows.map((row) => {
        const buttons = row.map(({ label, works }) => {
          const button = el("button", { type: "button", disabled: !works }, label);
          button.addEventListener("click", () => press(label));
          return button;
        });
        return el("div", { className: "row" }, ...buttons);
      }),
    );
  });
}

/** The small print of a message; an edit since the last look makes `node` light up. */
export function small(node) {
  const print = el("small");
  let last;
  print.show = ({ edits }, ...more) => {
    const words = [...more, edits && `edited ${edits}×`];
    print.textContent = words.filter(Boolean).join(" · ");
    if (edits > last) node.animate({ outlineColor: ["var(--alive)", "transparent"] }, 1200);
    last = edits;
  };
  return print;
}
