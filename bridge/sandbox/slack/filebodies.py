"""The JSON that Slack sends about files."""

from bridge.sandbox.slack.files import SharedFile
from bridge.sandbox.slack.model import Channel, Identity, Json, Shown

_KINDS = {"channel": "channels", "group": "groups", "mpim": "groups", "im": "ims"}


def stub(file: SharedFile) -> Json:
    """What an event tells of a file from Slack Connect: the app has to ask files.info."""
    nothing = {"created": 0, "timestamp": 0, "user": ""}
    return {"id": file.id, "mode": "file_access", "file_access": "check_file_info", **nothing}


def tidy(file: SharedFile, app: Identity) -> Json:
    """A file as messages carry it; of a deleted one only a tombstone."""
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    external = file.upload.mode == "external"
    body: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": file.user,
        "user_team": app.team,
        "editable": file.upload.mode == "snippet",
        "size": file.size,
        "mode": file.upload.mode,
        "is_external": external,
        "external_type": "app" if external else "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "permalink": f"https://sandbox.slack.com/files/{file.user}/{file.id}/{file.slug}",
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if file.alt_txt:
        body["alt_txt"] = file.alt_txt
    if external:
        return body | {"url_private": file.upload.url, "external_url": file.upload.url}
    base = f"{app.site.url}files-pri/{app.team}-{file.id}"
    return body | {
        "url_private": f"{base}/{file.slug}",
        "url_private_download": f"{base}/download/{file.slug}",
    }


def full(file: SharedFile, shares: list[tuple[Channel, Shown]], app: Identity) -> Json:
    """A file as files.* describes it, with the messages in which it is shared."""
    places: Json = {"channels": [], "groups": [], "ims": []}
    told: Json = {}
    for channel, shown in shares:
        places[_KINDS[channel.kind]].append(channel.id)
        side = told.setdefault("public" if channel.kind == "channel" else "private", {})
        share = {"ts": shown.ts, "channel_name": channel.name, "team_id": app.team}
        if shown.thread_ts:
            share["thread_ts"] = shown.thread_ts
        side.setdefault(channel.id, []).append(share)
    return tidy(file, app) | places | {"shares": told, "comments_count": 0, "is_starred": False}
