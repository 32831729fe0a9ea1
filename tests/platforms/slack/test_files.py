"""What Slack tells of files."""

from typing import Any

import pytest

from bridge.core.model import FileRef
from bridge.platforms.slack.files import found


def file(**fields: Any) -> dict[str, Any]:
    """A file object."""
    return {"id": "F1", "name": "a.bin", "mode": "hosted", "mimetype": "", "size": 5} | fields


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"mimetype": "image/png"}, "image"),
        ({"mimetype": "audio/mpeg"}, "audio"),
        ({"mimetype": "video/mp4"}, "video"),
        ({"mimetype": "video/mp4", "subtype": "slack_video"}, "video"),
        ({"mimetype": "application/pdf"}, "file"),
        ({"mimetype": "audio/mp4", "subtype": "slack_audio"}, "voice"),
        ({"mimetype": "video/webm", "subtype": "slack_audio"}, "voice"),
        ({"mimetype": "", "name": "audio_message.m4a", "subtype": "slack_audio"}, "voice"),
        ({"mimetype": "", "name": "a.jpg"}, "image"),
        ({"mimetype": "", "name": "a"}, "file"),
        ({"mimetype": None, "name": None}, "file"),
        ({"mimetype": "text/plain", "mode": "snippet"}, "file"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_type(fields: dict[str, Any], kind: str):
    [ref] = found([file(**fields)])
    assert (ref.id, ref.kind) == ("F1", kind)


def test_name_and_size_are_as_far_as_they_are_told():
    assert found([file(name="a.pdf", size=7)]) == (FileRef("F1", "file", "a.pdf", 7),)
    assert found([file(name=None, title="A plan")])[0].name == "A plan"
    bare = {"id": "F1", "mode": "file_access", "file_access": "check_file_info"}
    assert found([bare]) == (FileRef("F1", "file", "", None),)


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "external"},
        {"mode": "space"},
        {"mode": "list"},
        {"mode": "email"},
        {"mode": "file_access", "file_access": "access_denied"},
        {"mode": "file_access", "file_access": "file_not_found"},
        {"id": ""},
    ],
)
def test_what_cannot_be_read_is_left_out(fields: dict[str, Any]):
    assert found([file(**fields), file(id="F2")]) == found([file(id="F2")])


@pytest.mark.parametrize("mode", ["tombstone", "hidden_by_limit"])
def test_what_was_there_once_is_not_passed_over_in_silence(mode: str):
    assert found([file(mode=mode)]) == found([file()])
