"""Who wants much beside who wants little: what a busy or a stalled crowd does to one other client of the same proxy."""

import socket
import threading
import time
from dataclasses import dataclass
from statistics import median

from report import table
from rig import Failure

REQUEST = b"GET /%s HTTP/1.1\r\nHost: bench\r\n\r\n"
PATIENCE = 20  # seconds


@dataclass
class Unfair:
    """What one proxy did. Times in seconds, rates in bytes a second."""

    echo: list  # how long a reply of 2 bytes took, beside bulk
    alone: float  # a download by itself
    beside: float  # the same beside stalled readers


def ask(connection, path=b"t", end=b"\r\n\r\nxx"):
    connection.sendall(REQUEST % path)
    got = b""
    while not got.endswith(end):
        part = connection.recv(4096)
        if not part:
            raise Failure("a connection was closed in the middle")
        got += part


def echo_times(port, seconds):
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            ask(connection)
            times.append(time.monotonic() - began)
            time.sleep(0.005)
    return times


def download_rate(port, seconds):
    buffer = bytearray(1 << 20)
    count = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            left = 1 << 20  # of the body, and its head is small
            connection.sendall(REQUEST % b"1m")
            while left > 0:
                got = connection.recv_into(buffer)
                if got == 0:
                    raise Failure("a download was cut")
                left -= got
                count += got
            connection.setblocking(False)
            try:  # the rest, by as much as the head is long
                while count_more := connection.recv_into(buffer):
                    count += count_more
            except BlockingIOError:
                pass
            connection.settimeout(PATIENCE)
        return count / (time.monotonic() - began)


def stalled_readers(port, count):
    held = []
    for i in range(count):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.bind((f"127.6.{i // 250}.{i % 250 + 1}", 0))
        one.settimeout(PATIENCE)
        one.connect(("127.0.0.1", port))
        one.sendall(REQUEST % b"1m")
        held.append(one)
    return held


def measure(rig, one, crowd, slow, seconds):
    """One proxy, which is running: an echo beside `crowd` bulk flows, a download beside `slow` stalled readers."""
    echo = beside_bulk(rig, one, crowd, seconds)
    alone = download_rate(one.port, seconds)
    held = stalled_readers(one.port, slow)
    try:
        time.sleep(1)
        return Unfair(echo, alone, download_rate(one.port, seconds))
    finally:
        for connection in held:
            connection.close()


def beside_bulk(rig, one, crowd, seconds):
    arguments = ["--connections", str(crowd), "--path", "/1m", "--milliseconds", str(int((seconds + 2) * 1000))]
    loader, watchdog = rig.load(one.port, arguments, seconds + 60)
    said = []
    reader = threading.Thread(target=lambda: said.extend(loader.stdout))  # so that it never waits for us
    reader.start()
    try:
        while not said and loader.poll() is None:
            time.sleep(0.01)
        return echo_times(one.port, seconds)
    finally:
        loader.wait()
        reader.join()
        watchdog.cancel()


def worst_echo(some):
    """Milliseconds, of all rounds."""
    return 1000 * max(t for one in some for t in one.echo)


def kept(some):
    """Percent of its undisturbed rate that a download keeps beside stalled readers."""
    return 100 * median(one.beside / one.alone for one in some)


def unfair_table(samples, crowd, slow):
    """samples: {proxy: [Unfair]}. Returns the text."""
    rows = [[name, f"{1000 * median(t for one in some for t in one.echo):.1f}", f"{worst_echo(some):.1f}",
             f"{median(one.alone for one in some) / 1e9:.2f}", f"{median(one.beside for one in some) / 1e9:.2f}",
             f"{kept(some):.0f} %"] for name, some in samples.items()]
    return table([f"unfair: {crowd} bulk flows, {slow} stalled readers", "echo ms, median", "longest",
                  "download GB/s alone", "beside stalled", "kept"], rows)
