"""The proxies under measurement: how each is configured and started.

All do the same job, as a user would have it done: an acl that most clients pass, the client's server remembered (where
the program can), connect and idle timeouts, counters; an access log where the program writes one to a file itself.
docs/BENCHMARKS.md says the same in words.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Callable, Optional

BLOCKED = ("192.0.2.0/24", "198.51.100.0/24")  # nobody of them comes
MASKS = {"24": "255.255.255.0"}


@dataclass
class Place:
    """Where one proxy runs: a directory of its own."""

    directory: str
    connections: int  # the most at once

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path


@dataclass
class Site(Place):
    """... with a port of its own, and everybody's backend."""

    port: int
    backend: int
    clients: int = 2048  # slots of the client table


@dataclass
class Proxy:
    name: str
    program: str
    arguments: Callable[[Site], list]  # writes the configuration, returns the arguments
    version: Optional[tuple] = ("--version",)  # arguments that make it say so; None: only its package knows
    clients: int = 2048
    note: str = ""

    def found(self):
        return shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin")

    def says(self):
        """Its version, for the head of the report."""
        command = ["dpkg-query", "-W", self.name] if self.version is None else [self.found(), *self.version]
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        words = re.search(r"\d+(\.\d+)+\S*", said.stdout + said.stderr)
        return words.group(0).rstrip(",") if words else "unknown version"


def holdfast(log=True):
    def arguments(site):
        acl = "".join(f"acl blocked deny {net}\n" for net in BLOCKED)
        return ["-f", "-F", site.write("holdfast.conf", f"""\
workers 1
{f"log {site.directory}/access.log" if log else ""}
{acl}\
listen 127.0.0.1:{site.port}
client_acl blocked
clients_max {site.clients}
conn_max {site.connections}
backlog 4096
timeout 3
idle_timeout 60
server 0 address 127.0.0.1 port {site.backend}
"""), "--run-dir", site.directory]
    return arguments


def nginx(site):
    modules = "/usr/lib/nginx/modules/ngx_stream_module.so"
    load = f"load_module {modules};" if os.path.exists(modules) else ""
    deny = " ".join(f"deny {net};" for net in BLOCKED)
    return ["-e", f"{site.directory}/error.log", "-c", site.write("nginx.conf", f"""\
{load}
daemon off;
worker_processes 1;
pid {site.directory}/nginx.pid;
events {{ worker_connections {2 * site.connections + 100}; }}
stream {{
  log_format line '$remote_addr $time_iso8601 $upstream_addr $bytes_received $bytes_sent';
  access_log {site.directory}/access.log line buffer=64k flush=1s;
  upstream servers {{ hash $remote_addr; server 127.0.0.1:{site.backend}; }}
  server {{
    listen 127.0.0.1:{site.port} backlog=4096;
    {deny}
    proxy_connect_timeout 3s;
    proxy_timeout 60s;
    proxy_pass servers;
  }}
}}
""")]


def pen(site):
    acl = "".join(f"acl 1 deny {net.split('/')[0]} {MASKS[net.split('/')[1]]}\n" for net in BLOCKED)
    return ["-f", "-F", site.write("pen.conf", f"""\
{acl}\
client_acl 1
timeout 3
idle_timeout 60
"""), "-c", str(site.clients), "-x", str(site.connections), "-q", "4096", "-l", f"{site.directory}/access.log",
            f"127.0.0.1:{site.port}", f"127.0.0.1:{site.backend}"]


def haproxy_head(site, option):
    return f"""\
global
  nbthread 1
  maxconn {site.connections}
  maxpipes 500
defaults
  mode tcp
  {option}
  backlog 4096
  timeout connect 3s
  timeout client 60s
  timeout server 60s
"""


def haproxy(option="", bare=False):
    def arguments(site):
        acl = f"acl blocked src {' '.join(BLOCKED)}\n  tcp-request connection reject if blocked"
        stick = f"stick-table type ip size {site.clients} expire 1h\n  stick on src"
        return ["-db", "-f", site.write("haproxy.cfg", haproxy_head(site, option) + f"""\
frontend clients
  bind 127.0.0.1:{site.port}
  {"" if bare else acl}
  default_backend servers
backend servers
  {"" if bare else stick}
  server s0 127.0.0.1:{site.backend}
""")]
    return arguments


SPLICE = "option splice-auto"
BASE = "haproxy"  # what every ratio is to
DEFAULT = ("holdfast", "nginx", "pen", "haproxy", "haproxy-splice", "haproxy-new", "haproxy-new-splice",
           "holdfast-former")


def all_proxies(holdfast_path, newer_haproxy, former_holdfast):
    """All that can be asked for by name; newer and former ones only when their path is known."""
    rows = [
        Proxy("holdfast", holdfast_path, holdfast()),
        Proxy("holdfast-unlogged", holdfast_path, holdfast(log=False), note="no access log"),
        Proxy("nginx", "nginx", nginx, ("-v",)),
        Proxy("pen", "pen", pen, None),
        Proxy("haproxy", "haproxy", haproxy(), ("-v",)),
        Proxy("haproxy-splice", "haproxy", haproxy(SPLICE), ("-v",)),
        Proxy("haproxy-bare", "haproxy", haproxy(bare=True), ("-v",), note="no acl, no stick table"),
    ]
    if newer_haproxy:
        rows += [
            Proxy("haproxy-new", newer_haproxy, haproxy(), ("-v",)),
            Proxy("haproxy-new-splice", newer_haproxy, haproxy(SPLICE), ("-v",)),
        ]
    if former_holdfast:
        rows.append(Proxy("holdfast-former", former_holdfast, holdfast()))
    return {row.name: row for row in rows}
