import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.wire.contents import HEAD, LONGEST, identify, is_page, named, with_suffix

JPEG, PNG = b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
MP4, WEBM = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"
ANYTHING = "application/octet-stream"


@pytest.mark.parametrize(
    ("head", "type_", "kind"),
    [
        (JPEG, "image/jpeg", "image"),
        (PNG, "image/png", "image"),
        (b"GIF89a\x01\x00", "image/gif", "image"),
        (b"RIFF\x0a\x00\x00\x00WEBPVP8 ", "image/webp", "image"),
        (b"RIFF\x0a\x0a\x0a\x00WAVEfmt ", "audio/wav", "audio"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "video/x-msvideo", "video"),
        (b"ID3\x04\x00\x00", "audio/mpeg", "audio"),
        (b"\xff\xfb\x90\x64", "audio/mpeg", "audio"),
        (b"\xff\xf1\x50\x80", "audio/aac", "audio"),
        (b"OggS\x00\x02", "audio/ogg", "audio"),
        (b"fLaC\x00", "audio/flac", "audio"),
        (b"#!AMR\n", "audio/amr", "audio"),
        (b"\x00\x00\x00\x1cftypM4A \x00", "audio/mp4", "audio"),
        (b"\x00\x00\x00\x14ftypqt  \x00", "video/quicktime", "video"),
        (MP4, "video/mp4", "video"),
        (WEBM, "video/webm", "video"),
        (b"\x1a\x45\xdf\xa3\xa3matroska", "video/x-matroska", "video"),
        (b"%PDF-1.7", "application/pdf", "file"),
    ],
)
@pytest.mark.parametrize("declared", ["", ANYTHING, "text/plain", "image/png", "text/html"])
def test_a_file_is_known_by_its_first_bytes(
    head: bytes, type_: str, kind: str, declared: str
) -> None:
    assert identify(declared, head, "x") == (type_, kind)
    assert not is_page(declared, head)


@pytest.mark.parametrize("declared", ["image/png", "image/heic", "audio/mpeg", "video/mp4"])
@pytest.mark.parametrize("head", [b"no such thing", b"", b"\x00" * 16, b"{}", b"BM\x00\x00"])
def test_what_only_says_that_it_can_be_seen_or_heard_is_a_file(declared: str, head: bytes) -> None:
    assert identify(declared, head, "x.png") == (ANYTHING, "file")


@pytest.mark.parametrize(
    ("declared", "head", "name", "told"),
    [
        ("audio/mp4", MP4, "x", ("audio/mp4", "audio")),
        ("audio/x-m4a", MP4, "x", ("audio/mp4", "audio")),
        (ANYTHING, MP4, "x.M4A", ("audio/mp4", "audio")),
        ("audio/webm", WEBM, "x", ("audio/webm", "audio")),
        ("video/ogg", b"OggS\x00", "x", ("video/ogg", "video")),
        ("image/png", MP4, "x.png", ("video/mp4", "video")),
    ],
)
def test_what_may_be_a_film_or_its_sound_is_what_it_says(
    declared: str, head: bytes, name: str, told: tuple[str, str]
) -> None:
    assert identify(declared, head, name) == told


@pytest.mark.parametrize(
    ("declared", "name", "type_"),
    [
        ("text/csv", "x", "text/csv"),
        ("image/svg+xml", "x", "image/svg+xml"),
        (ANYTHING, "drawing.svg", "image/svg+xml"),
        (ANYTHING, "x.CSV", "text/csv"),
        ("", "x.md", "text/markdown"),
        ("binary/octet-stream", "x.zip", "application/zip"),
        (ANYTHING, "x.png", ANYTHING),
        (ANYTHING, "x", ANYTHING),
        (ANYTHING, "x.exe", ANYTHING),
    ],
)
def test_all_else_is_a_file_of_its_declared_type_or_of_its_extension(
    declared: str, name: str, type_: str
) -> None:
    assert identify(declared, b"a,b\n1,2\n", name) == (type_, "file")


@pytest.mark.parametrize(
    "head",
    [
        b"<!DOCTYPE html><html>",
        b"  \n<HTML lang=en>",
        b"\xef\xbb\xbf<html>",
        b"<!-- a --> <!-- b -->\n<body>",
        b'<?xml version="1.0"?><!doctype html>',
    ],
)
@pytest.mark.parametrize("declared", ["", ANYTHING, "text/plain", "image/png", "application/pdf"])
def test_a_page_is_a_page_whatever_it_says(head: bytes, declared: str) -> None:
    assert is_page(declared, head)


@pytest.mark.parametrize("declared", ["text/html", "application/xhtml+xml"])
def test_what_says_that_it_is_a_page_is_one(declared: str) -> None:
    assert is_page(declared, b"Hello")


@pytest.mark.parametrize("head", [b"<svg>", b"<htmlish>", b"html", b"<?xml?><rss>", b"# <html>"])
def test_what_is_no_page_is_none(head: bytes) -> None:
    assert not is_page("text/plain", head)


def test_the_first_bytes_can_be_looked_at_however_they_are_meant() -> None:
    assert not is_page("", (b"<!---->" * HEAD)[:HEAD])  # each could be the end of any before it
    assert not is_page("", b"<?xml" * 100)
    assert not is_page("", b" " * HEAD)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("inline;FileName = report.pdf ; size=1", "report.pdf"),
        ("filename=report.pdf", "report.pdf"),
        (r'attachment; filename="a \"b\".pdf"', 'a "b".pdf'),
        ("attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf", "报告.pdf"),
        ("attachment; filename*=gbk''%B1%A8%B8%E6.pdf", "报告.pdf"),
        ("attachment; filename*=UTF-8'en'caf%C3%A9; filename=cafe", "café"),
        ("attachment; filename=\"x.pdf\"; filename*=utf-8''y.pdf", "y.pdf"),
        ("attachment; filename=x.pdf; filename*=klingon''%41.pdf", "x.pdf"),
        ("attachment; filename*=utf-8''%FF%FE.pdf", "\ufffd\ufffd.pdf"),
        ("attachment; filename=%E6%8A%A5%E5%91%8A.pdf", "报告.pdf"),
        ('attachment; filename="报告.pdf"', "报告.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        (r'attachment; filename="C:\\temp\\x.pdf"', "x.pdf"),
        ("attachment; filename=..%2F..%2Fx.pdf", "x.pdf"),
        ('attachment; filename=".bashrc"', "bashrc"),
        ('attachment; filename="a\u202efdp.exe"', "afdp.exe"),
        ('attachment; filename="a\udcff\n\x00\u2028b.pdf"', "ab.pdf"),
    ],
)
def test_a_server_may_say_what_a_file_is_called(header: str, name: str) -> None:
    assert named(header, "segment.txt") == name


@pytest.mark.parametrize(
    "header",
    [
        "",
        "attachment",
        "attachment; filename=",
        'attachment; filename=""',
        'attachment; filename="unclosed.pdf',
        'attachment; filename=".."',
        'attachment; filename="/"',
        "attachment; filename*=nonsense",
        "attachment; filename*=klingon''%41.pdf",
        ";;;=;",
    ],
)
def test_where_it_does_not_the_address_tells(header: str) -> None:
    assert named(header, "segment.txt") == "segment.txt"
    assert named(header, "") == "file"


@pytest.mark.parametrize(
    ("name", "type_", "made"),
    [
        ("x", "image/jpeg", "x.jpg"),
        ("x", "application/pdf", "x.pdf"),
        ("x", "video/ogg", "x.ogv"),
        ("x.jpeg", "image/jpeg", "x.jpeg"),
        ("x.JPG", "image/jpeg", "x.JPG"),
        ("x.png", "image/jpeg", "x.png"),
        ("image.php", "image/jpeg", "image.php.jpg"),
        ("v1.2", "application/pdf", "v1.2.pdf"),
        ("main.rs", "text/plain", "main.rs"),
        ("README", "text/plain", "README.txt"),
        ("x.rar", ANYTHING, "x.rar"),
        ("x", ANYTHING, "x"),
        ("a.b c", "image/png", "a.b c.png"),
        ("x" * 200, "image/png", "x" * 96 + ".png"),
        ("x" * 200 + ".jpeg", "image/jpeg", "x" * 95 + ".jpeg"),
    ],
)
def test_a_name_has_an_extension_that_fits(name: str, type_: str, made: str) -> None:
    assert with_suffix(name, type_) == made


@settings(deadline=None)
@given(st.text(), st.text(), st.sampled_from(["image/png", "text/plain", ANYTHING, "x/y"]))
def test_any_name_is_made_safe(header: str, segment: str, type_: str) -> None:
    name = with_suffix(named(f'filename="{header}"', segment), type_)
    assert 0 < len(name) <= LONGEST
    assert not any(char in "/\\\n\r" or unicodedata.category(char)[0] == "C" for char in name)
    assert name.strip(".")
    name.encode()
