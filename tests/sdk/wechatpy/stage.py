"""What the flows stand on: the sandbox's control calls, a receiver of callbacks, and the doors.

The SDK itself is never touched. A door is reached the way a developer would reach it: by the SDK's
own switch, by an entry of the hosts file (played by `socket.getaddrinfo`), or by the environment.
"""

import http.client
import json
import os
import socket
import threading
import traceback
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from wechatpy.exceptions import WeChatClientException

BASE = os.environ["SANDBOX_URL"]
TLS = os.environ["SANDBOX_TLS"]
PROXY = os.environ["SANDBOX_PROXY"]
AUTHORITY = os.environ["SANDBOX_AUTHORITY"]

# 2026-03-02 10:00 in China, a Monday: the sandbox's clock stands there at the start.
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "callbacktoken"

PNG = b"\x89PNG\r\n\x1a\n0000"
JPEG = b"\xff\xd8\xff0000"
MP4 = b"\0\0\0\x18ftypmp420000"


def by_name(flow):
    """Marks a flow that needs addresses written into the SDK: the base address cannot serve it."""
    flow.by_name = True
    return flow


class Checks:
    """Runs checks one after the other and says what came of each, a line a check."""

    def __init__(self):
        self.failed = 0

    def run(self, name, check):
        try:
            check()
        except Exception:
            self.failed += 1
            reason = traceback.format_exc().strip().replace("\n", "\n    ")
            print(f"FAIL {name}\n    {reason}", flush=True)
        else:
            print(f"PASS {name}", flush=True)


def control(method, path, body=None):
    """One call of `/sandbox/…`, past every door and every patch."""
    base = urlsplit(BASE)
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=60)
    text = None if body is None else json.dumps(body).encode()
    connection.request(method, "/sandbox/" + path, text, {"content-type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status >= 300:
        raise AssertionError(f"{method} /sandbox/{path}: {answer.status} {data.decode()}")
    return json.loads(data) if data else None


def browse(url, person=None, form=None):
    """What a browser does with a page of the platform's; says where it is sent. Without a form the
    person's WeChat passes the page by itself."""
    base, page = urlsplit(BASE), urlsplit(url)
    connection = http.client.HTTPConnection(base.hostname, base.port, timeout=60)
    if form is None:
        connection.request("GET", f"{page.path}?{page.query}&person={person}")
    else:
        connection.request("POST", f"{page.path}?{page.query}", urlencode(form, doseq=True))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 302, f"{answer.status} {text}"
    return {key: value[0] for key, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def wait(seconds):
    now = control("GET", "clock")["now"]
    control("POST", "clock", {"to": now + seconds})


class Account:
    """An account of the sandbox and its people."""

    def __init__(self, seed, followers=30, **more):
        self.seed, self.wechat_id = seed, f"shop{seed}"
        made = control("POST", "accounts", {
            "followers": followers, "seed": seed, "wechat_id": self.wechat_id, **more})
        self.appid, self.secret = made["appid"], made["secret"]
        self.original_id, self.cover = made["original_id"], made["cover_media_id"]
        self.one_time = made["one_time_template_id"]
        self.path = f"accounts/{self.appid}"
        page = control("GET", f"{self.path}/followers?limit=1000")
        self.people = [person["openid"] for person in page["followers"] if person["following"]]

    def token(self):
        """A token fetched by hand, for where the SDK can only be given one."""
        base = urlsplit(BASE)
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=60)
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        connection.request("POST", "/cgi-bin/stable_token", json.dumps(body))
        token = json.loads(connection.getresponse().read())
        connection.close()
        return token["access_token"]

    def does(self, openid, act, body=None):
        return control("POST", f"{self.path}/followers/{openid}/{act}", body or {})

    def person(self, openid):
        return control("GET", f"{self.path}/followers/{openid}")

    def received(self, openid):
        return [message["msg_id"] for message in self.person(openid)["received"]]

    def notices(self, openid):
        return [notice["text"] for notice in self.person(openid)["notices"]]


def refused(code, call, *arguments, **named):
    """The call is refused with this code."""
    try:
        answer = call(*arguments, **named)
    except WeChatClientException as error:
        assert error.errcode == code, f"expected {code}, got {error.errcode} {error.errmsg}"
        assert "rid: " in error.errmsg, error.errmsg
        return error
    raise AssertionError(f"expected {code}, got {answer}")


class Receiver:
    """Takes callbacks and answers what `reply` makes of them."""

    def __init__(self):
        self.got, self.paths = [], []
        self.reply = lambda query, body: "success"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                receiver.got.append((query, body))
                receiver.paths.append(urlsplit(self.path).path)
                answer = receiver.reply(query, body).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@contextmanager
def by_hosts_file():
    """The platform's names lead to the sandbox: 443 to its TLS, 80 to its base address."""
    real = socket.getaddrinfo
    ports = {443: int(TLS.rsplit(":", 1)[1]), 80: urlsplit(BASE).port}

    def looked_up(host, port, *rest, **named):
        if isinstance(host, str) and host.endswith((".weixin.qq.com", ".wx.qq.com")):
            return real("127.0.0.1", ports[int(port)], *rest, **named)
        return real(host, port, *rest, **named)

    socket.getaddrinfo = looked_up
    os.environ["REQUESTS_CA_BUNDLE"] = AUTHORITY
    try:
        yield
    finally:
        socket.getaddrinfo = real
        del os.environ["REQUESTS_CA_BUNDLE"]


@contextmanager
def by_proxy():
    """The proxy of the environment."""
    set_here = {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY, "REQUESTS_CA_BUNDLE": AUTHORITY}
    os.environ.update(set_here)
    try:
        yield
    finally:
        for name in set_here:
            del os.environ[name]
