# Visits httpbin, whose URL is its argument; says nothing if all is well.
import http.client
import json
import sys
import urllib.parse
import urllib.request

base = sys.argv[1]
connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
connection.connect()
socket = connection.sock


def call(method, path, content=None, headers={}, **options):
    connection.request(method, path, content, headers, **options)
    response = connection.getresponse()
    text = response.read()
    assert connection.sock is socket, "the connection was closed"
    return response, text


for i in range(1, 101):
    response, text = call("GET", f"/range/{i}")
    assert (response.status, len(text)) == (200, i)
assert len(call("GET", "/stream/20")[1].splitlines()) == 20
assert call("HEAD", "/bytes/1000")[0].headers["content-length"] == "1000"
assert call("GET", "/status/204")[0].status == 204
assert json.loads(call("PUT", "/upload", b"x" * (1 << 20))[1])["octets"] == 1 << 20
pieces = iter([b"x" * 65536] * 16)
assert json.loads(call("PUT", "/upload", pieces, encode_chunked=True)[1])["octets"] == 1 << 20
assert json.load(urllib.request.urlopen(f"{base}/redirect/5"))["url"] == f"{base}/get"
