"""Documents as language models write them, typical and nasty, in Chinese and English."""

from pathlib import Path

SEPARATOR = "\n%%%\n"

_WRITTEN = [
    document
    for file in sorted(Path(__file__).parent.glob("*.md"))
    for document in file.read_text().removesuffix("\n").split(SEPARATOR)
]

# What cannot be seen in a file, and what is too long for one.
_MADE = [
    "",
    " \n\t\n ",
    "\0**bo\0ld**\0 a\x01b\x1fc\x7fd\x85e",
    "**a\r\nb\rc**\r\n\r\n- d\r\n- e\r\n",
    "zero\u200bwidth \u200d**joiner**\u200d \ufeffmark s\u00adoft **\u200bbold\u200b** \u2060x",
    "line\u2028separator\u2029paragraph \u202eright to left\u202c done **\u202ebold**",
    "שלום **עולם**! זה `code` ו[קישור](https://example.com) 123.\n\n- مرحبا *بالعالم* ١٢٣",
    "👨\u200d👩\u200d👧\u200d👦 **👩🏽\u200d🚀**",
    "*🏳\ufe0f\u200d🌈* `🇨🇳` [😀](https://a.bc) ~~1\ufe0f\u20e3~~",
    "- [x] 完成👨\u200d💻 - [ ] 未完成👩\u200d🔬\n- [x] **👍🏿**",
    "Zalgo: h\u0335e\u0321l\u0330l\u030ao\u0333 **w\u033fo\u0338r**ld e\u0301 **e**\u0301",
    "tags \U000e0041\U000e0042 private \ue000\uf8ff nonchar \ufffe\uffff lost \ufffd \ufffc",
    "𝐛𝐨𝐥𝐝 𝒎𝒂𝒕𝒉 𠮷𠜎 **𠮷**：*𠜎* `𠮷`",
    "  \n  hard\u3000**\u3000全角\u3000**\u3000 \xa0**\xa0nbsp\xa0**\xa0",
    "word " * 700,
    "长" * 3500,
    "a" * 3500 + "**" + "b" * 100 + "**",
    " ".join(f"**word{at}**" for at in range(300)),
    "、".join(f"**词{at}**" for at in range(300)),
    " ".join(f"`c{at}` [l{at}](https://example.com/{at})" for at in range(70)),
    "".join(f"{'> ' * depth}level {depth}\n" for depth in range(1, 30)),
    "".join(f"{'  ' * depth}- level {depth}\n" for depth in range(30)),
    "*" * 200 + "a" + "*" * 200,
    "[" * 100 + "a" + "](https://example.com)" * 100,
    "`" * 99 + "a" + "`" * 98,
    "# " * 50 + "x" + " #" * 50,
    "| " * 60 + "|\n" + "|-" * 60 + "|\n" + "| x " * 60 + "|",
    "_".join("ab" * 40) + " " + "*".join("cd" * 40) + " " + "~".join("ef" * 40),
    "<" * 50 + "b" + ">" * 50 + "&" * 50 + "\\" * 51,
]

DOCUMENTS = _WRITTEN + _MADE
