// The texts of messages as DOM nodes. Nothing in a text is ever parsed as HTML.

const DEPTH = 8; // of styles, quotes and lists within each other

/** A new element with properties and children; a string becomes a text node. */
export function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function link(url, ...children) {
  if (!/^https?:\/\//i.test(url)) return el("span", {}, ...children);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// --- Plain text with live tokens -------------------------------------------------------------

/** `text` with each token in `mentions`, such as `<@U0BOT>`, as what it looks like. */
export function mentioning(text, mentions) {
  const parts = text.split(/(<[@#!][^<>]*>)/);
  return parts.map((part) =>
    part in mentions ? el("span", { className: "mentioned" }, mentions[part]) : part,
  );
}

// --- Telegram: entities, whose offsets count UTF-16 units as JavaScript does --------------------

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const BLOCK = /^pre$|blockquote$/;

/** The part of `text` from `begin` to `end`, styled by `entities`; outer ones come first. */
export function styled(text, entities, begin = 0, end = text.length) {
  const nodes = [];
  let at = begin;
  for (let i = 0; i < entities.length; i++) {
    const { type, offset, length, url } = entities[i];
    const stop = Math.min(offset + length, end);
    if (offset < at || offset >= end) continue;
    const inside = styled(text, entities.slice(i + 1), offset, stop);
    const plain = () => el(TAGS[type] ?? "span", { className: type }, ...inside);
    nodes.push(text.slice(at, offset), url ? link(url, ...inside) : plain());
    at = BLOCK.test(type) && text[stop] === "\n" ? stop + 1 : stop; // a block ends its line
  }
  return [...nodes, text.slice(at, end)];
}

// --- Markdown, the common part of it ------------------------------------------------------------

const FENCE = /^\s*(```+|~~~+)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^\s*>\s?/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(?=\S)/;
const BLOCKS = [FENCE, HEADING, RULE, QUOTE, ITEM];
const BELOW_HEADER = /^[\s|:-]*-[\s|:-]*$/;
const TASK = /^\[([ xX])\]\s/;

const INLINE = new RegExp(
  [
    /\\(?<escaped>[\\`*_~[\]()#>+.!-])/,
    /(?<ticks>`+)(?<code>.+?)\k<ticks>(?!`)/,
    /\[(?<label>[^[\]\n]+)\]\((?<target>https?:\/\/[^\s()]+)\)/,
    /(?<url>https?:\/\/[^\s<>()[\]*`"]*[^\s<>()[\]*`".,:;!?'。，])/,
    /(?<b>\*\*|__)(?=\S)(?<strong>.+?)(?<=\S)\k<b>(?!\*)/,
    /~~(?=\S)(?<s>.+?)(?<=\S)~~/,
    /\*(?=\S)(?<em>.+?)(?<=\S)\*/,
    /(?<!\w)_(?=\S)(?<u>.+?)(?<=\S)_(?!\w)/,
  ].map((part) => part.source).join("|"),
  "gs",
);

/** The nodes of a Markdown text. */
export function markdown(source, depth = 0) {
  if (depth > DEPTH) return [source];
  const lines = source.split("\n");
  const nodes = [];
  while (lines.length) {
    if (lines[0].trim()) nodes.push(block(lines, depth));
    else lines.shift();
  }
  return nodes;
}

/** The block that `lines` begin with, taken from them. */
function block(lines, depth) {
  const [line] = lines;
  let match;
  if ((match = line.match(FENCE))) return fence(lines, match[1]);
  if (RULE.test(line)) return lines.shift(), el("hr");
  if ((match = line.match(HEADING))) {
    lines.shift();
    return el(`h${Math.min(match[1].length + 2, 6)}`, {}, ...inline(match[2], depth));
  }
  if (QUOTE.test(line)) {
    const quoted = take(lines, (next) => QUOTE.test(next)).map((each) => each.replace(QUOTE, ""));
    return el("blockquote", {}, ...markdown(quoted.join("\n"), depth + 1));
  }
  if (ITEM.test(line)) return list(lines, depth);
  if (line.includes("|") && BELOW_HEADER.test(lines[1] ?? "")) return table(lines, depth);
  const plain = (next) => next.trim() && !BLOCKS.some((start) => start.test(next));
  const text = [lines.shift(), ...take(lines, plain)].join("\n");
  return el("p", {}, ...inline(text, depth));
}

function take(lines, wanted) {
  const end = lines.findIndex((line) => !wanted(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

/** A fenced block; while it is being written its end is missing. */
function fence(lines, mark) {
  lines.shift();
  const code = take(lines, (line) => !line.trim().startsWith(mark));
  lines.shift();
  return el("pre", {}, el("code", {}, code.join("\n")));
}

/** Rows of cells; what follows them without a blank line is a row, too. */
function table(lines, depth) {
  const [header, below, ...rows] = take(lines, (line) => line.trim()).map(cells);
  const row = (tag, said) => {
    const made = said.map((text, at) => {
      const textAlign = below[at]?.trim().endsWith(":") ? "right" : "";
      const cell = el(tag, {}, ...inline(text.trim(), depth));
      return Object.assign(cell.style, { textAlign }), cell;
    });
    return el("tr", {}, ...made);
  };
  return el("table", {}, row("th", header), ...rows.map((said) => row("td", said)));
}

function cells(line) {
  const said = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return said.split(/(?<!\\)\|/);
}

function list(lines, depth) {
  const number = parseInt(lines[0], 10);
  const ordered = !Number.isNaN(number);
  const node = ordered ? el("ol", { start: number }) : el("ul");
  for (let match; (match = lines[0]?.match(ITEM)) && /\d/.test(match[2]) === ordered; ) {
    const [marker, outer] = match;
    const first = lines.shift().slice(marker.length).replace(TASK, (_, x) => (x === " " ? "☐ " : "☑ "));
    const rest = take(lines, (line) => indent(line) > outer.length);
    const inner = rest.map((line) => line.slice(Math.min(indent(line), marker.length)));
    node.append(el("li", {}, ...markdown([first, ...inner].join("\n"), depth + 1)));
  }
  return node;
}

function indent(line) {
  return line.trim() ? line.search(/\S/) : 0;
}

function inline(text, depth) {
  if (depth > DEPTH) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(at, match.index), span(match.groups, depth + 1));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)];
}

function span(found, depth) {
  if (found.escaped) return found.escaped;
  if (found.code) return el("code", {}, found.code);
  if (found.url) return link(found.url, found.url);
  if (found.label) return link(found.target, ...inline(found.label, depth));
  if (found.strong) return el("strong", {}, ...inline(found.strong, depth));
  if (found.s) return el("s", {}, ...inline(found.s, depth));
  return el("em", {}, ...inline(found.em ?? found.u, depth));
}
