# First process of the attacker: serves the "miner" over HTTP and nothing else, and ends at once when told to.
import http.client
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MINER = '/simulation/xmrig'
VICTIM = sys.argv[1]
# Seconds that a readiness probe may last (its own limit is 1), and those between two looks at the victim.
PATIENCE = 0.8
PAUSE = 0.03
reached = False


def victim_answers():
    try:
        connection = http.client.HTTPConnection(VICTIM, 80, timeout=0.3)
        connection.request('GET', '/ready')
        return connection.getresponse().status == 200
    except OSError:
        return False


def ready():
    """True once the victim was reached by its service's name, which takes until the cluster's proxies have learnt of it."""
    global reached
    deadline = time.monotonic() + PATIENCE
    while not reached and time.monotonic() < deadline:
        reached = victim_answers()
        if not reached:
            time.sleep(PAUSE)
    return reached


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        if self.path == '/ready':
            self.answer(200 if ready() else 503, b'')
        elif self.path == '/xmrig':
            with open(MINER, 'rb') as file:
                self.answer(200, file.read())
        else:
            self.answer(404, b'')

    def answer(self, status, content):
        self.send_response(status)
        self.send_header('Content-Type', 'application/octet-stream')
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
# The kernel reaps what is left behind by commands run in this container.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
ThreadingHTTPServer(('', 8080), Handler).serve_forever()
