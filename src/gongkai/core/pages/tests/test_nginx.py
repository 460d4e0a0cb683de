"""deploy/nginx.conf on a real nginx: what it serves from the disk is what the front serves, and it stops when a page is dropped."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from http.client import HTTPSConnection
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.db import connections

from gongkai.core import pages
from gongkai.core.pages import front, places
from gongkai.core.pages.tests import addresses
from gongkai.core.preferences import CHOICES

SAMPLE = Path(__file__).resolve().parents[5] / "deploy/nginx.conf"
NAME = "gongkai.example.gov.cn"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

pytestmark = [
    pytest.mark.skipif(not SAMPLE.exists(), reason="deploy/nginx.conf is not installed with the package"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("gongkai.core.pages.tests.addresses"),
]
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def configuration(folder: Path, kept: Path, port: int, behind: int) -> Path:
    """The sample with this test's ports and folders; nothing else is changed."""
    text = SAMPLE.read_text()
    text = text.replace("/var/lib/gongkai/pages", str(kept)).replace("/etc/ssl/gongkai", str(folder))
    text = text.replace("127.0.0.1:8000;", f"127.0.0.1:{behind};")
    text = re.sub(r"listen \[::\]:\d+.*;", "", text)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl;")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {temporary}\n{text}\n}}\n"
    )
    return whole


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def nginx(reader, kept, settings, tmp_path):
    """nginx with the sample configuration before the front; `get(address, **headers)` asks it."""
    settings.GONGKAI_PUBLIC_ADDRESS = f"https://{NAME}"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    front._public_address.cache_clear()
    front.standard_headers.cache_clear()
    reader.start()
    addresses.shown["text"], addresses.lasts["until"] = "一", None
    addresses.while_rendering.clear()
    port = free_port()

    def application(environ, start_response):
        try:
            return reader.application(environ, start_response)
        finally:
            connections.close_all()

    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    certificate(tmp_path)
    whole = configuration(tmp_path, kept.folder, port, server.server_port)
    checked = subprocess.run([NGINX, "-t", "-c", str(whole)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    running = subprocess.Popen([NGINX, "-c", str(whole)], stderr=subprocess.DEVNULL)
    trusting = ssl._create_unverified_context()

    def get(address: str, method: str = "GET", **headers: str):
        connection = HTTPSConnection("127.0.0.1", port, context=trusting, timeout=10)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, address, headers={"Host": NAME, **names})
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, {k.lower(): v for k, v in reply.getheaders()}, body

    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield get
    running.terminate()
    running.wait(10)
    server.shutdown()
    server.server_close()


@needs_nginx
def test_nginx_serves_what_the_front_serves(nginx, reader, kept):
    front_reply = nginx("/page/?")  # rendered, kept, answered by the front
    assert reader.rendered == 1
    reader.application.application = None  # from now on Django would fail
    for coding in ("", "gzip"):
        status, headers, body = nginx("/page/", accept_encoding=coding)
        reader_reply = front.answer(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": "/page/",
                "HTTP_HOST": NAME,
                "HTTP_X_FORWARDED_PROTO": "https",
                "HTTP_ACCEPT_ENCODING": coding,
            }
        )
        assert reader_reply is not None
        assert (status, body) == (200, reader_reply[2])
        expected = {name.lower(): value for name, value in reader_reply[1]}
        for name in expected.keys() - {"content-security-policy"}:
            assert headers[name] == expected[name], name
        assert sorted(headers["content-security-policy"].split("; ")) == sorted(
            expected["content-security-policy"].split("; ")
        )
        assert "last-modified" not in headers
    assert gzip.decompress(body) == front_reply[2]
    again = nginx("/page/", if_none_match=headers["etag"], accept_encoding="gzip")
    assert (again[0], again[2], again[1]["etag"]) == (304, b"", headers["etag"])
    assert nginx("/page/", method="HEAD")[0] == 200


@needs_nginx
def test_a_dropped_page_is_gone_from_nginx_at_once(nginx, reader):
    first = nginx("/page/")[2]
    assert nginx("/page/")[2] == first
    assert reader.rendered == 1
    pages.drop("document:1")
    assert nginx("/page/")[2] != first
    assert reader.rendered == 2


@needs_nginx
def test_looks_sessions_parameters_and_odd_names_go_their_way(nginx, reader, kept):
    nginx("/look/")
    elder = nginx("/look/", cookie="script=hant; mode=elder")
    assert b'data-mode="elder"' in elder[2]
    assert nginx("/look/", cookie="mode=elder; script=hant")[2] == elder[2]
    assert b'data-mode="elder"' not in nginx("/look/", cookie="mode=nonsense")[2]
    assert reader.rendered == 2
    for headers in ({"cookie": "a=1; sessionid=x"}, {"hx_request": "true"}, {"authorization": "Bearer x"}):
        nginx("/look/", **headers)
    assert reader.rendered == 5
    assert nginx("/look/index.html")[0] == 404
    assert nginx("/look/index.html.gz")[0] == 404
    assert nginx("/look")[0] == 301
    assert nginx("/query/?year=2026")[0] == 200
    chinese = nginx("/%E9%A1%B5%E9%9D%A2/")
    assert nginx("/%E9%A1%B5%E9%9D%A2/")[2] == chinese[2]
    assert nginx("/feed.atom")[1]["content-type"] == nginx("/feed.atom")[1]["content-type"]
    assert nginx("/page/", method="POST")[0] == 403


def test_the_sample_knows_every_look_and_type():
    text = SAMPLE.read_text()
    order = []
    for name, allowed in CHOICES.items():
        found = re.search(rf"map \$cookie_{name} \$(\w+) {{ default \"\"; (.+?) }}", text)
        assert found, f"deploy/nginx.conf does not know the preference {name}"
        assert re.findall(r'(\w+) "-(\w+)";', found[2] if found[2].endswith(";") else found[2] + ";") == [
            (value, value) for value in allowed[1:]
        ]
        order.append(f"${found[1]}")
    assert f"page{''.join(order)};" in text
    for cookie in places.OWN_COOKIES:
        assert cookie in text
    for ending, kind in places.TYPES.items():
        assert re.search(rf'"?{re.escape(kind)}"? {ending};', text)
