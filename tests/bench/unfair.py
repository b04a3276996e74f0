"""What a crowd does to one other client of the same proxy: one that wants much, one that does not read, one sent to a
server that has lost its power. Three services of one proxy, with one worker."""

import os
import selectors
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from statistics import median

from proxies import Place, haproxy_head
from report import SUBJECT, Bar, table
from rig import Failure, answers, free_port

REQUEST = b"GET /%s HTTP/1.1\r\nHost: bench\r\n\r\n"
PATIENCE = 20  # seconds
SERVERS = 10  # of the holed service; one of them is a black hole
SLOW = 0.3  # seconds: who waits for longer has met the black hole


@dataclass(frozen=True)
class Crowd:
    bulk: int  # connections that ask for 1 MiB again and again
    stalled: int  # connections that ask for 1 MiB and do not read
    newcomers: int  # clients a second of the holed service

    echo_bar = 50  # milliseconds, the longest
    kept_bar = 80  # percent
    slow_bar = 10  # percent: as many as are sent to one of ten servers


EARNEST = Crowd(1500, 2000, 200)
BRIEF = Crowd(100, 100, 50)


@dataclass
class Site(Place):
    """... with the ports of the services, and of the backends behind them."""

    bulk: int
    small: int
    holed: int
    bulk_backend: int
    small_backend: int
    hole: int


def holdfast(site):
    servers = "".join(f"server s{i} address 127.0.0.1 port {site.small_backend}\n" for i in range(1, SERVERS))
    return ["-f", "-F", site.write("holdfast.conf", f"""\
workers 1
service bulk
listen 127.0.0.1:{site.bulk}
timeout 3
server s1 address 127.0.0.1 port {site.bulk_backend}
service small
listen 127.0.0.1:{site.small}
timeout 3
server s1 address 127.0.0.1 port {site.small_backend}
service holed
listen 127.0.0.1:{site.holed}
clients_max 100000
timeout 3
{servers}\
server dead address 127.0.0.1 port {site.hole}
"""), "--run-dir", site.directory]


def haproxy(option=""):
    def arguments(site):
        servers = "".join(f"  server s{i} 127.0.0.1:{site.small_backend}\n" for i in range(1, SERVERS))
        return ["-db", "-f", site.write("haproxy.cfg", haproxy_head(site, option) + f"""\
  option redispatch 1
listen bulk
  bind 127.0.0.1:{site.bulk}
  server s1 127.0.0.1:{site.bulk_backend}
listen small
  bind 127.0.0.1:{site.small}
  server s1 127.0.0.1:{site.small_backend}
listen holed
  bind 127.0.0.1:{site.holed}
  stick-table type ip size 100000 expire 1h
  stick on src
{servers}\
  server dead 127.0.0.1:{site.hole}
""")]
    return arguments


PROXIES = {"holdfast": holdfast, "haproxy": haproxy(), "haproxy-splice": haproxy("option splice-auto")}


@dataclass
class Round:
    """What one proxy did. Times in seconds, rates in bytes a second."""

    echo: list  # how long each reply of 2 bytes took, beside bulk
    alone: float  # a download by itself
    beside: float  # the same beside stalled readers
    newcomers: list  # how long each new client of the holed service waited


class BlackHole:
    """A port of loopback that answers no SYN: its queue is full, and nobody takes from it."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port = self.listener.getsockname()[1]
        self.waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(self.listener.getsockname())
            self.waiting.append(one)
        time.sleep(0.1)
        return self

    def __exit__(self, *_):
        for one in [*self.waiting, self.listener]:
            one.close()


def ask(connection):
    connection.sendall(REQUEST % b"t")
    got = b""
    while not got.endswith(b"\r\n\r\nxx"):
        part = connection.recv(4096)
        if not part:
            raise Failure("a connection was closed in the middle")
        got += part


def echo_times(port, seconds):
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            ask(connection)
            times.append(time.monotonic() - began)
            time.sleep(0.005)
    return times


def beside_bulk(rig, site, crowd, seconds):
    arguments = ["--connections", str(crowd.bulk), "--path", "/1m", "--milliseconds", str(int((seconds + 2) * 1000))]
    loader, watchdog = rig.load(site.bulk, arguments, seconds + 60)
    reader = threading.Thread(target=loader.stdout.read)  # so that it never waits for us
    reader.start()
    try:
        time.sleep(1)
        return echo_times(site.small, seconds)
    finally:
        loader.wait()
        reader.join()
        watchdog.cancel()


def download_rate(port, seconds):
    """Of replies of 1 MiB, the next asked for when no more than its head is left of the one before."""
    buffer = bytearray(1 << 20)
    count = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            connection.sendall(REQUEST % b"1m")
            left = 1 << 20
            while left > 0:
                got = connection.recv_into(buffer)
                if got == 0:
                    raise Failure("a download was cut")
                left -= got
                count += got
        return count / (time.monotonic() - began)


def stalled_readers(port, count):
    held = []
    for i in range(count):
        one = socket.socket()
        held.append(one)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.bind((f"127.6.{i // 250}.{i % 250 + 1}", 0))
        one.settimeout(PATIENCE)
        one.connect(("127.0.0.1", port))
        one.sendall(REQUEST % b"1m")
    return held


def beside_stalled(site, crowd, seconds):
    held = stalled_readers(site.bulk, crowd.stalled)
    try:
        time.sleep(1)
        return download_rate(site.small, seconds)
    finally:
        for connection in held:
            connection.close()


class Newcomers:
    """Clients that were never here before, so many a second, each with one request."""

    def __init__(self, port):
        self.port = port
        self.events = selectors.DefaultSelector()
        self.count = 0
        self.times = []

    def begin(self):
        one = socket.socket()
        self.count += 1
        one.bind((f"127.{7 + self.count // 62500}.{self.count // 250 % 250}.{self.count % 250 + 1}", 0))
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", self.port))
        self.events.register(one, selectors.EVENT_WRITE, time.monotonic())

    def go_on(self, wait):
        for key, mask in self.events.select(wait):
            if mask & selectors.EVENT_WRITE:
                key.fileobj.send(REQUEST % b"t")
                self.events.modify(key.fileobj, selectors.EVENT_READ, key.data)
                continue
            if not key.fileobj.recv(4096):
                raise Failure("a client of nine servers that are well had no answer")
            self.times.append(time.monotonic() - key.data)
            self.end(key)

    def end(self, key):
        self.events.unregister(key.fileobj)
        key.fileobj.close()

    def waited(self):
        """Including those who wait still."""
        left = list(self.events.get_map().values())
        for key in left:
            self.times.append(time.monotonic() - key.data)
            self.end(key)
        return self.times


def newcomer_times(port, rate, seconds):
    crowd = Newcomers(port)
    try:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            while crowd.count < (time.monotonic() - began) * rate:
                crowd.begin()
            crowd.go_on(0.002)
        until = time.monotonic() + PATIENCE
        while len(crowd.times) < crowd.count and time.monotonic() < until:
            crowd.go_on(0.1)
    finally:
        times = crowd.waited()
    return times


def measure(rig, rounds, seconds, crowd, proxies):
    """Returns {name: [Round]} of those that are configured here."""
    samples = {proxy.name: [] for proxy in proxies if proxy.name in PROXIES}
    with BlackHole() as hole:
        # What stalls shall wait in the proxy: all of it in one kernel would be beyond what that grants TCP.
        bulk = rig.start_backend("bulk", "--send-buffer", "65536")
        small = rig.start_backend("small")
        for _ in range(rounds):
            for proxy in proxies:
                if proxy.name in samples:
                    samples[proxy.name].append(measure_once(rig, proxy, bulk, small, hole, seconds, crowd))
        rig.stop(small)
        rig.stop(bulk)
    return samples


def measure_once(rig, proxy, bulk, small, hole, seconds, crowd):
    """With a proxy that has just been started: nobody has been told of the black hole before."""
    directory = tempfile.mkdtemp(prefix=f"unfair-{proxy.name}-", dir=rig.directory)
    os.chmod(directory, 0o755)
    site = Site(directory, rig.connections, bulk=free_port(), small=free_port(), holed=free_port(),
                bulk_backend=bulk.port, small_backend=small.port, hole=hole.port)
    one = rig.start(proxy.name, [proxy.found(), *PROXIES[proxy.name](site)], lambda: answers(site.small))
    rig.pin([one], packed=False)
    for backend in (bulk, small):
        backend.pin(rig.load_core)
    echo = beside_bulk(rig, site, crowd, seconds)
    alone = download_rate(site.small, seconds)
    beside = beside_stalled(site, crowd, seconds)
    newcomers = newcomer_times(site.holed, crowd.newcomers, 2 * seconds)
    rig.stop(one)
    return Round(echo, alone, beside, newcomers)


def worst_echo(some):
    """Milliseconds, of all rounds."""
    return 1000 * max(t for one in some for t in one.echo)


def kept(some):
    """Percent of its undisturbed rate that a download keeps beside stalled readers."""
    return 100 * median(one.beside / one.alone for one in some)


def slow(some):
    """Percent of the newcomers who waited because one of ten servers is a black hole."""
    times = [t for one in some for t in one.newcomers]
    return 100 * sum(t > SLOW for t in times) / len(times)


def as_table(samples, crowd):
    rows = [[name, f"{1000 * median(t for one in some for t in one.echo):.1f}", f"{worst_echo(some):.1f}",
             f"{median(one.alone for one in some) / 1e9:.2f}", f"{median(one.beside for one in some) / 1e9:.2f}",
             f"{kept(some):.0f} %", f"{slow(some):.1f} %"] for name, some in samples.items()]
    return table([f"unfair: {crowd.bulk} bulk, {crowd.stalled} stalled, {crowd.newcomers} newcomers/s", "echo ms, median",
                  "longest", "download GB/s", "beside stalled", "kept", "newcomers who waited"], rows)


def bars(samples, crowd):
    some = (samples or {}).get(SUBJECT)
    return [Bar(f"longest echo beside {crowd.bulk} bulk flows", some and worst_echo(some), crowd.echo_bar, " ms"),
            Bar(f"rate a download keeps beside {crowd.stalled} stalled readers", some and kept(some), crowd.kept_bar, " %",
                at_least=True),
            Bar("newcomers who wait for a black hole among ten servers", some and slow(some), crowd.slow_bar, " %")]
