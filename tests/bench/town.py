"""Clients and servers, two balancers, and the cables between them; everything that tests/bench/sync starts."""

import itertools
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

from places import Place
from rig import Failure, Stage, tail
from syncers import NODES, SERVERS, SYNC_HOSTS, Seat, is_listening

FRONT = "10.1.0.2"  # of the active, where clients call
FIRST_CLIENT = 10 << 24 | 64 << 16  # 10.64.0.0/10: four million clients
SERVER_PORT = 8080


@dataclass
class Pair:
    """An active and a standby of one kind. The standby's program is None while it does not run."""

    syncer: object
    seats: list
    running: list

    @property
    def active(self):
        return self.running[0]

    @property
    def standby(self):
        return self.running[1]

    def counts(self):
        return [self.syncer.count(seat) if one else 0 for seat, one in zip(self.seats, self.running)]


@dataclass
class Visit:
    """What the clients of one slice say, and the CPU time that it took, in seconds."""

    said: dict
    active: float
    load: float  # of clients and servers
    log: list  # lines

    @property
    def clients(self):
        return self.said["requests"]


def dotted(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


class Town(Stage):
    def __init__(self, tools):
        super().__init__()
        self.tools = tools
        self.loads = None
        self.ports = itertools.count(8000)
        self.next_client = FIRST_CLIENT
        self.outside, self.nodes = Place(), [Place() for _ in NODES]

    def set_up(self):
        self.outside.plug("front", "10.1.0.1/24", self.nodes[0], "front", f"{FRONT}/24")
        for host in SERVERS:
            self.outside.ip(f"address add {host}/24 dev front")
        self.outside.ip("route add local 10.64.0.0/10 dev lo")
        self.nodes[0].ip("route add 10.64.0.0/10 via 10.1.0.1")
        self.nodes[0].plug("sync", f"{SYNC_HOSTS[0]}/24", self.nodes[1], "sync", f"{SYNC_HOSTS[1]}/24")
        self.loads = self.make_group("clients")
        self.server = self.start("server", [f"{self.tools}/bench_backend", "--host", "0.0.0.0", "--port",
                                            str(SERVER_PORT)], lambda: True, self.outside.enter)

    def close(self):
        super().close()
        if self.loads:
            self.loads.remove()

    def open_pair(self, syncer, clients, nodes=2, **how):
        port = next(self.ports)
        seats = []
        for node in range(2):
            directory = tempfile.mkdtemp(prefix=f"{syncer.name}-{NODES[node]}-", dir=self.directory)
            seats.append(Seat(directory, node, port, port - 300, SERVER_PORT, self.connections, clients, **how))
        pair = Pair(syncer, seats, [None, None])
        for node in range(nodes):
            self.start_node(pair, node)
        return pair

    def start_node(self, pair, node):
        seat, syncer = pair.seats[node], pair.syncer
        socket = syncer.control(seat)
        argv = [syncer.proxy.found(), *syncer.arguments(seat)]
        if os.path.exists(socket):
            os.unlink(socket)
        pair.running[node] = self.start(f"{syncer.name}-{NODES[node]}", argv, lambda: is_listening(socket),
                                        self.nodes[node].enter)

    def stop_node(self, pair, node):
        self.stop(pair.running[node])
        pair.running[node] = None

    def close_pair(self, pair):
        for node in range(2):
            if pair.running[node]:
                self.stop_node(pair, node)

    def wait_until_linked(self, pair):
        """A client of the active is known to the standby, and both say that there is nothing to make up for."""

        def ready():
            return pair.syncer.count(pair.seats[1]) and all(pair.syncer.settled(seat) for seat in pair.seats)

        deadline = time.monotonic() + 30
        while not ready():
            if time.monotonic() > deadline:
                raise Failure(f"{pair.syncer.name}: the standby hears nothing; it said:\n{tail(pair.standby.said)}")
            self.visit(pair, rate=10, seconds=0.2)

    def call(self, pair, rate, seconds, more=()):
        """Starts the clients of a slice: each has an address that nobody had before."""

        def prepare():
            self.loads.join()
            self.outside.enter()

        argv = [f"{self.tools}/bench_newcomers", "--host", FRONT, "--port", str(pair.seats[0].port), "--first",
                dotted(self.next_client), "--rate", str(rate), "--milliseconds", str(int(seconds * 1000)), *more]
        self.next_client += int(rate * seconds) + 1
        loader = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, preexec_fn=prepare)
        self.loads.adopt(loader.pid)
        return loader

    def visit(self, pair, rate, seconds, ask=False):
        """One slice. ask: for as many of them as can be asked about, the log says when the standby knew them. Raises
        Failure when a client had no reply."""
        more = []
        log = f"{self.directory}/clients.log"
        if ask:
            line, known = pair.syncer.question()
            more = ["--log", log, "--ask-socket", pair.syncer.control(pair.seats[1]), "--ask-line", line, "--ask-known",
                    known]
        loader = self.call(pair, rate, seconds, more)
        watchdog = threading.Timer(seconds + 40, loader.kill)
        watchdog.start()
        try:
            first = loader.stdout.readline()
            before = pair.active.group.cpu(), self.loads.cpu() + self.server.group.cpu()
            last = loader.stdout.readline() if first.startswith("start") else first
            after = pair.active.group.cpu(), self.loads.cpu() + self.server.group.cpu()
        finally:
            loader.stdout.close()
            loader.wait()
            watchdog.cancel()
        return Visit(self.check(pair, last), after[0] - before[0], after[1] - before[1], read_log(log) if ask else [])

    def check(self, pair, line):
        for one in pair.running:
            if one and not one.alive():
                raise Failure(f"{one.name} has ended; it said:\n{tail(one.said)}")
        try:
            said = json.loads(line)
        except ValueError:
            raise Failure(f"{pair.syncer.name}: the clients gave no result, their last line was '{line.strip()}'") from None
        if said["failed"] or said["silent"] or said["answered"] < said["clients"]:
            raise Failure(f"{pair.syncer.name}: of {said['clients']} clients {said['answered']} had a reply, "
                          f"{said['failed']} failed ({said['why'] or 'no reason'})")
        return said

    def freeze(self, pair, rate, after):
        """The active and its cable to the standby stop in the midst of it, `after` seconds from the first client on.
        Returns the addresses of the clients that had a byte of a reply by then."""
        log = f"{self.directory}/answered.log"
        loader = self.call(pair, rate, after + 1, ["--log", log])
        time.sleep(after)
        self.nodes[0].cut("sync")
        os.kill(pair.active.process.pid, signal.SIGSTOP)
        time.sleep(0.1)  # what the kernel had to send is with the clients now
        loader.terminate()
        loader.communicate(timeout=20)
        return set(read_log(log))

    def thaw(self, pair):
        """Ends both nodes as a failure does, and joins the cable again."""
        for one in pair.running:
            os.kill(one.process.pid, signal.SIGKILL)
        self.close_pair(pair)
        self.nodes[0].mend("sync")

    def share_cores(self, pairs, apart):
        """apart: the active nodes have a core for themselves; else everybody runs where the kernel likes."""
        everywhere = {self.main_core, self.other_core}
        others = {self.other_core} if apart else everywhere
        os.sched_setaffinity(0, others)  # for clients to come
        for one in self.running:
            one.pin_to(others)
        for pair in pairs:
            pair.active.pin_to({self.main_core} if apart else everywhere)


def read_log(path):
    with open(path) as lines:
        return lines.read().splitlines()
