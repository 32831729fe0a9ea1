"""Where downloads may lead: names, redirects, and the addresses that are connected to."""

import ssl
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import RedirectResponse, Response

from bridge.core.errors import Rejected, Unavailable
from bridge.wire import tls
from bridge.wire.download import REDIRECTS, Downloads
from tests.wire.internet import PDF, PUBLIC, Internet, Site, raw, sites

INNER = "10.0.0.5"


@pytest.fixture(autouse=True)
async def internet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Internet:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = Internet()
    made.install(monkeypatch)
    made.names["cdn.example"] = [[PUBLIC]]
    return made


@pytest.fixture
async def site(internet: Internet) -> AsyncIterator[Site]:
    """A server at a public address, and at one on a network of ours."""
    async with sites() as (site,):
        internet.servers = {PUBLIC: site.port, "8.8.8.8": site.port, INNER: site.port}
        site.pages["/x.pdf"] = Response(PDF)
        yield site


@pytest.fixture
async def downloads() -> AsyncIterator[Downloads]:
    made = Downloads(private=["minio.local:9000", INNER + ":9000"])
    yield made
    await made.aclose()


async def test_a_public_server_is_asked_by_its_name_or_its_address(
    internet: Internet, site: Site, downloads: Downloads
) -> None:
    await downloads.fetch("http://cdn.example/x.pdf")
    await downloads.fetch("http://cdn.example.:8080/x.pdf")
    await downloads.fetch(f"http://{PUBLIC}:8081/x.pdf")
    assert internet.connected == [(PUBLIC, 80), (PUBLIC, 8080), (PUBLIC, 8081)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [INNER],
        ["169.254.169.254"],
        ["100.100.100.200"],
        ["0.0.0.0"],
        ["::1"],
        ["::ffff:10.0.0.5"],
        ["64:ff9b::a00:5"],
        ["fd00:ec2::254"],
        ["fe80::1%eth0"],
        [PUBLIC, INNER],
        [INNER, PUBLIC],
        ["2606:4700::1111", "::1"],
    ],
)
async def test_a_name_of_which_any_address_is_not_public_is_refused(
    internet: Internet, site: Site, downloads: Downloads, addresses: list[str]
) -> None:
    internet.names["evil.example"] = [addresses]
    for port in (80, 9000):
        with pytest.raises(Rejected):
            await downloads.fetch(f"http://evil.example:{port}/x.pdf")
    assert internet.connected == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "minio.local"]
)
async def test_a_name_of_our_own_is_refused(
    internet: Internet, site: Site, downloads: Downloads, host: str
) -> None:
    internet.names["minio.local"] = [[INNER]]
    with pytest.raises(Rejected):
        await downloads.fetch(f"http://{host}/x.pdf")
    assert internet.connected == []


async def test_a_private_server_that_is_listed_may_be_asked(
    internet: Internet, site: Site, downloads: Downloads
) -> None:
    internet.names["minio.local"] = [[INNER]]
    await downloads.fetch("http://minio.local:9000/x.pdf")
    await downloads.fetch("http://MINIO.local:9000/x.pdf")
    await downloads.fetch(f"http://{INNER}:9000/x.pdf")
    assert internet.connected == [(INNER, 9000)] * 3
    with pytest.raises(Rejected):
        await downloads.fetch(f"http://{INNER}:9001/x.pdf")


async def test_what_was_checked_is_what_is_connected_to(
    internet: Internet, site: Site, downloads: Downloads
) -> None:
    internet.names["evil.example"] = [[PUBLIC], ["127.0.0.1"]]  # it changes its mind
    await downloads.fetch("http://evil.example/x.pdf")
    assert internet.asked == ["evil.example"]
    assert internet.connected == [(PUBLIC, 80)]
    with pytest.raises(Rejected):
        await downloads.fetch("http://evil.example/x.pdf")
    assert internet.connected == [(PUBLIC, 80)]


async def test_a_server_that_is_checked_once_is_checked_again_after_a_redirect(
    internet: Internet, site: Site, downloads: Downloads
) -> None:
    internet.names["evil.example"] = [[PUBLIC], ["127.0.0.1"]]
    site.pages["/x"] = RedirectResponse("/x.pdf")
    with pytest.raises(Rejected):
        await downloads.fetch("http://evil.example/x")
    assert internet.connected == [(PUBLIC, 80)]


async def test_a_name_that_nobody_knows_is_unavailable(
    internet: Internet, downloads: Downloads
) -> None:
    internet.names["empty.example"] = [[]]
    for name in ("unknown.example", "empty.example"):
        with pytest.raises(Unavailable):
            await downloads.fetch(f"http://{name}/x.pdf")


async def test_another_address_of_a_name_is_tried_if_one_cannot_be_reached(
    internet: Internet, site: Site, downloads: Downloads
) -> None:
    internet.names["cdn.example"] = [["1.1.1.1", PUBLIC]]
    await downloads.fetch("http://cdn.example/x.pdf")
    assert internet.connected[-1] == (PUBLIC, 80)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["/x.pdf", "x.pdf", "//8.8.8.8/x.pdf", "http://cdn.example:81/x.pdf#x"]
)
async def test_a_redirect_is_followed(
    site: Site, downloads: Downloads, status: int, target: str
) -> None:
    site.pages["/x"] = RedirectResponse(target, status)
    media = await downloads.fetch("http://cdn.example/x")
    assert (media.name, media.size) == ("x.pdf", len(PDF))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/x.pdf",
        f"http://{INNER}/x.pdf",
        "//169.254.169.254/latest/meta-data",
        "http://2130706433/x.pdf",
        "http://[::1]/x.pdf",
        "http://localhost/x.pdf",
        "http://evil.example/x.pdf",
        "http://me:secret@cdn.example/x.pdf",
        "file:///etc/passwd",
        "ftp://cdn.example/x.pdf",
        "javascript:x",
        "http://[",
        "http://cdn.example:99999/",
    ],
)
async def test_a_redirect_leads_nowhere_that_a_link_could_not(
    internet: Internet, site: Site, downloads: Downloads, target: str
) -> None:
    internet.names["evil.example"] = [["192.168.1.1"]]
    page = Response(status_code=302, headers={"Location": target})
    site.pages = {"/a": RedirectResponse("/b"), "/b": page}
    with pytest.raises(Rejected):
        await downloads.fetch("http://cdn.example/a")
    assert internet.connected == [(PUBLIC, 80)] * 2


async def test_only_so_many_redirects_are_followed(site: Site, downloads: Downloads) -> None:
    def chain(length: int) -> None:
        site.pages = {f"/{at}": RedirectResponse(f"/{at + 1}") for at in range(length)}
        site.pages[f"/{length}"] = Response(PDF)

    chain(REDIRECTS)
    await downloads.fetch("http://cdn.example/0")
    chain(REDIRECTS + 1)
    with pytest.raises(Rejected):
        await downloads.fetch("http://cdn.example/0")
    assert [request.url.path for request in site.requests[-1:]] == [f"/{REDIRECTS}"]


async def test_nothing_is_carried_along_from_one_request_to_the_next(
    site: Site, downloads: Downloads
) -> None:
    first = RedirectResponse("/x.pdf")
    first.set_cookie("who", "me")
    site.pages["/x"] = first
    for _ in range(2):
        await downloads.fetch("http://cdn.example/x")
    assert len(site.requests) == 4
    assert not any({"cookie", "referer"} & {*request.headers} for request in site.requests)


@pytest.mark.parametrize("headers", [{}, {"Location": ""}, {"Location": "#x"}])
async def test_a_redirect_to_nowhere_ends(
    site: Site, downloads: Downloads, headers: dict[str, str]
) -> None:
    site.pages["/x"] = Response(status_code=302, headers=headers)
    with pytest.raises(Rejected):
        await downloads.fetch("http://cdn.example/x")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The certificate of a public server, which everybody trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, where = datetime.now(UTC), x509.IPAddress(ip_address(PUBLIC))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([where]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "server.pem"
    file.write_bytes(made.public_bytes(pem) + private)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
async def secured(certificate: ssl.SSLContext) -> AsyncIterator[Downloads]:
    tls.cache_clear()
    made = Downloads()
    yield made
    await made.aclose()
    tls.cache_clear()


async def test_a_server_with_a_certificate_may_send_on_to_one_without(
    internet: Internet, site: Site, secured: Downloads, certificate: ssl.SSLContext
) -> None:
    for target, public in (("8.8.8.8", True), (INNER, False)):
        said = f"HTTP/1.1 302 Found\r\nLocation: http://{target}/x.pdf\r\n\r\n"
        async with raw(said.encode(), ssl=certificate) as host:
            internet.servers[PUBLIC] = int(host.rpartition(":")[2])
            if public:
                assert (await secured.fetch(f"https://{PUBLIC}/x")).size == len(PDF)
            else:
                with pytest.raises(Rejected):
                    await secured.fetch(f"https://{PUBLIC}/x")


async def test_a_certificate_of_another_server_is_not_accepted(
    internet: Internet, secured: Downloads, certificate: ssl.SSLContext
) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n%PDF-"
    async with raw(said, ssl=certificate) as host:
        internet.servers[PUBLIC] = int(host.rpartition(":")[2])
        assert (await secured.fetch(f"https://{PUBLIC}/x")).size == 5
        with pytest.raises(Unavailable):
            await secured.fetch("https://cdn.example/x")
