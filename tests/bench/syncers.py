"""The two that tell a standby who their clients are: how a node of each is configured, filled and asked.

docs/BENCHMARKS.md says the same in words.
"""

import json
import os
import re
import socket
import subprocess
from dataclasses import dataclass

from proxies import Proxy
from rig import Failure

NODES = ("lb1", "lb2")
SYNC_HOSTS = ("10.2.0.1", "10.2.0.2")
SERVERS = ("10.1.0.11", "10.1.0.12", "10.1.0.13", "10.1.0.14")


@dataclass
class Seat:
    """Where one node of a pair runs."""

    directory: str
    node: int  # 0, the active, or 1
    port: int  # for clients
    sync_port: int
    server_port: int
    connections: int  # the most at once
    clients: int  # slots of the client table
    sync: bool = True
    confirm: bool = True  # before a reply; HAProxy knows nothing of it

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.directory, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
        return path


def is_listening(path):
    """A file that is a socket is there before anybody can connect to it."""
    with socket.socket(socket.AF_UNIX) as talk:
        return talk.connect_ex(path) == 0


def ask(path, line):
    """What a control socket answers to a line."""
    with socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(30)
        try:
            talk.connect(path)
            talk.sendall(line.encode() + b"\n")
            pieces = iter(lambda: talk.recv(1 << 18), b"")
            return b"".join(pieces).decode()
        except OSError as error:
            raise Failure(f"{path}: {error}") from None


@dataclass(frozen=True)
class Entry:
    """A client to be known. Times are milliseconds since 1970."""

    address: str
    server: int  # index into SERVERS
    assigned: int
    used: int


class Haproxy:
    name = "haproxy"

    def __init__(self):
        self.proxy = Proxy("haproxy", "haproxy", None, ("-v",))

    def control(self, seat):
        return f"{seat.directory}/stats.sock"

    def arguments(self, seat):
        peers = "".join(f"  peer {node} {host}:{seat.sync_port}\n" for node, host in zip(NODES, SYNC_HOSTS))
        servers = "".join(f"  server s{i} {host}:{seat.server_port}\n" for i, host in enumerate(SERVERS))
        return ["-db", "-f", seat.write("haproxy.cfg", f"""\
global
  nbthread 1
  maxconn {seat.connections}
  stats socket {self.control(seat)} mode 600 level admin
  {f"localpeer {NODES[seat.node]}" if seat.sync else ""}
defaults
  mode tcp
  backlog 4096
  timeout connect 3s
  timeout client 60s
  timeout server 60s
{f"peers cluster{chr(10)}{peers}" if seat.sync else ""}
frontend clients
  bind 0.0.0.0:{seat.port}
  default_backend servers
backend servers
  stick-table type ip size {seat.clients} expire 1d {"peers cluster" if seat.sync else ""}
  stick on src
{servers}""")]

    def fill(self, seat, entries):
        """The oldest first, some hundred at a time: what a line of the control socket holds."""
        for i in range(0, len(entries), 200):
            said = ask(self.control(seat), ";".join(f"set table servers key {one.address} data.server_id {one.server + 1}"
                                                    for one in entries[i:i + 200]))
            if said.strip():
                raise Failure(f"haproxy: {said.strip()[:200]}")

    def count(self, seat):
        return int(re.search(r"# table: servers,.* used:(\d+)", ask(self.control(seat), "show table"))[1])

    def settled(self, seat):
        """No resync runs: until then HAProxy may lose what happens meanwhile."""
        return int(re.search(r"id=cluster .*flags=(0x\w+)", ask(self.control(seat), "show peers"))[1], 16) & 3 == 3

    def known(self, seat):
        return set(re.findall(r" key=(\S+) ", ask(self.control(seat), "show table servers")))

    def question(self):
        """Line ('@' is the client) and what the answer contains if the client is known."""
        return "show table servers key @", "key="


class Holdfast:
    name = "holdfast"

    def __init__(self, program, hfctl):
        self.proxy = Proxy("holdfast", program, None)
        self.hfctl = hfctl

    def control(self, seat):
        return f"{seat.directory}/balancer.sock"

    def arguments(self, seat):
        nodes = "".join(f"node {node} address {host}:{seat.sync_port}\n" for node, host in zip(NODES, SYNC_HOSTS))
        servers = "".join(f"server {i} address {host} port {seat.server_port}\n" for i, host in enumerate(SERVERS))
        key = seat.write("cluster.key", "5a" * 32 + "\n", 0o600)
        return ["-f", "-F", seat.write("holdfast.conf", f"""\
{nodes}cluster key {key}
{"" if seat.sync else "no sync"}
{"" if seat.confirm else "no sync confirm"}
workers 1
log {seat.directory}/access.log
listen 0.0.0.0:{seat.port}
clients_max {seat.clients}
conn_max {seat.connections}
backlog 4096
timeout 3
idle_timeout 60
{servers}"""), "--node", NODES[seat.node], "--run-dir", seat.directory]

    def order(self, seat, *words):
        argv = [self.hfctl, "--run-dir", seat.directory, *words]
        ran = subprocess.run(argv, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise Failure(f"hfctl {' '.join(words)}: {(ran.stderr or ran.stdout).strip()[-500:]}")
        return ran.stdout

    def fill(self, seat, entries):
        lines = (f"default,{one.address},{SERVERS[one.server]}:{seat.server_port},{one.assigned},{one.used}\n"
                 for one in entries)
        self.order(seat, "clients", "import", seat.write("clients.csv", "".join(lines)))

    def count(self, seat):
        tables = json.loads(ask(self.control(seat), "json status"))["tables"]
        services = next(table for table in tables if table["name"] == "services")
        return services["rows"][0][[name for name, _ in services["columns"]].index("clients")]

    def settled(self, seat):
        return json.loads(ask(self.control(seat), "json cluster"))["message"].startswith("in sync")

    def known(self, seat):
        return set(re.findall(r"^default,([0-9.]+),", self.order(seat, "clients", "export"), re.MULTILINE))

    def question(self):
        return "client @", " server "
