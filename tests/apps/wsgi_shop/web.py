"""A WSGI application without a framework: `/total?price=3&count=4`."""

import os
import threading
import urllib.parse

import prices


def app(environ, start_response):
    query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
    answer = prices.total(int(query.get("price", 0)), int(query.get("count", 0)))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{answer} {os.getpid()} {threading.active_count()}".encode()]
