"""What a file from anywhere is, by its first bytes, and what it may be called."""

import contextlib
import re
from unicodedata import category
from urllib.parse import unquote

from bridge.core.model import Kind

HEAD = 512  # bytes that tell what a file is
LONGEST = 100  # characters of a name
_UNKNOWN = "application/octet-stream"

_PAGE = (
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*"
    rb"<(?i:!doctype html|html|head|body|title|meta|script|iframe)\b"
)
_MARKS = tuple(
    (re.compile(mark, re.DOTALL), type_)
    for mark, type_ in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF.{4}WEBP", "image/webp"),
        (rb"RIFF.{4}WAVE", "audio/wav"),
        (rb"RIFF.{4}AVI ", "video/x-msvideo"),
        (rb"%PDF-", "application/pdf"),
        (rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg"),
        (rb"\xff[\xf1\xf9]", "audio/aac"),
        (rb"OggS", "audio/ogg"),
        (rb"fLaC", "audio/flac"),
        (rb"#!AMR", "audio/amr"),
        (rb".{4}ftypM4[AB] ", "audio/mp4"),
        (rb".{4}ftypqt  ", "video/quicktime"),
        (rb".{4}ftyp(?:iso|mp4|avc1|dash|M4V|MSNV|3g)", "video/mp4"),
        (rb"\x1a\x45\xdf\xa3.{0,64}webm", "video/webm"),
        (rb"\x1a\x45\xdf\xa3", "video/x-matroska"),
        (_PAGE, "text/html"),
    )
)
_RECOGNISED = {type_ for _, type_ in _MARKS}
_EITHER = {"video/mp4", "video/webm", "audio/ogg"}  # may hold sound alone, or a film
_PAGES = {"text/html", "application/xhtml+xml"}
_MEDIA = {"image", "audio", "video"}
_VAGUE = {"", _UNKNOWN, "binary/octet-stream", "application/force-download"}

_WORD, _SHEETS, _SLIDES = (
    f"application/vnd.openxmlformats-officedocument.{each}"
    for each in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
_TYPES = {
    ".aac": "audio/aac",
    ".amr": "audio/amr",
    ".avi": "video/x-msvideo",
    ".csv": "text/csv",
    ".doc": "application/msword",
    ".docx": _WORD,
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".gif": "image/gif",
    ".gz": "application/gzip",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".json": "application/json",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": _SLIDES,
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".weba": "audio/webm",
    ".webp": "image/webp",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": _SHEETS,
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_SUFFIXES = {type_: suffix for suffix, type_ in reversed(_TYPES.items())}

_SUFFIX = re.compile(r"\.\w{1,8}\Z")
_ENCODED_NAME = re.compile(r";\s*filename\*\s*=\s*\"?([\w-]+)'[^';]*'([^\s;\"]+)", re.IGNORECASE)
_PLAIN_NAME = re.compile(
    r";\s*filename\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;\"]+))", re.IGNORECASE
)
_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}  # control characters and their like


def is_page(declared: str, head: bytes) -> bool:
    """Whether a file is HTML: something to look at in a browser."""
    return (_by_bytes(head) or declared) in _PAGES


def identify(declared: str, head: bytes, name: str) -> tuple[str, Kind]:
    """The MIME type of a file and what kind of file that is.

    Who says that it is an image, a sound or a film is believed only by its first bytes; of
    all else the declared type is taken, or what the extension of its name stands for.
    """
    claimed = declared
    if declared in _VAGUE:
        claimed = _TYPES.get(_suffix(name).lower(), _UNKNOWN)
    family = claimed.partition("/")[0]
    found = _by_bytes(head)
    if found in _EITHER and family in {"audio", "video"}:
        found = f"{family}/{found.partition('/')[2]}"
    if not found:
        unproven = family in _MEDIA and claimed != "image/svg+xml"
        return (_UNKNOWN if unproven else claimed), "file"
    match found.partition("/")[0]:
        case "image" | "audio" | "video" as kind:
            return found, kind
        case _:
            return found, "file"


def named(disposition: str, segment: str) -> str:
    """What a Content-Disposition calls a file; else the last segment of its path. Made safe."""
    return _safe(_disposed(disposition)) or _safe(segment) or "file"


def with_suffix(name: str, type_: str) -> str:
    """The name with an extension that fits the type, if it has none; not too long."""
    suffix = _suffix(name)
    name = name.removesuffix(suffix)
    if not suffix or (type_ in _RECOGNISED and suffix.lower() not in _TYPES):
        name, suffix = name + suffix, _SUFFIXES.get(type_, "")
    return name[: LONGEST - len(suffix)] + suffix


def _by_bytes(head: bytes) -> str:
    return next((type_ for mark, type_ in _MARKS if mark.match(head)), "")


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0] if found else ""


def _disposed(header: str) -> str:
    """The file name of a Content-Disposition (RFC 6266); empty if none can be read."""
    header = f";{header}"  # some leave its first word away
    encoded = _ENCODED_NAME.search(header)
    if encoded:
        with contextlib.suppress(LookupError, ValueError):  # a charset that nobody knows
            return unquote(encoded[2], encoded[1], "replace")
    plain = _PLAIN_NAME.search(header)
    if plain is None:
        return ""
    quoted, token = plain.groups()
    return unquote(re.sub(r"\\(.)", r"\1", quoted) if token is None else token)


def _safe(name: str) -> str:
    """The last part of a path, without what cannot be seen or means something to a system."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char for char in last if category(char) not in _UNSEEN).strip(". \u00a0\u3000")
