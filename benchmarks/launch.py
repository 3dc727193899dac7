"""
From the request for a program to the first thing that the program does, one after the other, by one clock of one kernel.

launch.py units TOKEN_FILE COUNT      a job by REST, systemd-run plain, systemd-run with the properties of the job's unit; in turn
launch.py spawned COUNT NAME COMMAND  what a command begins, such as srun -n1

The program is date(1), which tells the time; a native client is begun by posix_spawn. Each line is JSON; times in milliseconds.
It runs in a machine that has Debian's python3-minimal, which knows neither HTTP nor JSON.
"""

import os
import random
import re
import socket
import sys
import time

STAMP = ["/usr/bin/date", "+%s%N"]
SAID = "/run/launch-said"
# Of the job's unit, what systemd-run says in its own words or what belongs to that run alone.
OWN = {"Description", "ExecStart", "Requires", "After", "EnvironmentFile", "StandardOutput", "StandardError", "Type", "Slice",
       "WorkingDirectory", "LogExtraFields", "RuntimeMaxSec"}


def tell(name, times):
    times = sorted(times)
    at = lambda share: round(times[min(len(times) - 1, int(share * len(times)))], 2)
    print(f'{{"what": "{name}", "n": {len(times)}, "p50": {at(0.5)}, "p95": {at(0.95)}, "least": {at(0)}, "most": {at(1)}}}', flush=True)


def spawned(words, read=None):
    """From before the client's start to its program's own time."""
    into, out = os.pipe()
    begun = time.time_ns()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
    os.close(out)
    with os.fdopen(into) as pipe:
        said = pipe.read()
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit("it failed: " + " ".join(words))
    if read:
        with open(read) as file:
            said = file.read()
    return (int(said) - begun) / 1e6


class Rest:
    """One connection that is kept open."""

    def __init__(self, token):
        self.socket = socket.create_connection(("127.0.0.1", 9461), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")
        self.headers = f"Host: 127.0.0.1:9461\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    def ask(self, method, path, body="", wanted=200):
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{self.headers}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        status = int(self.answers.readline().split()[1])
        length = None
        while line := self.answers.readline().strip():
            name, value = line.split(b":", 1)
            length = int(value) if name.lower() == b"content-length" else length
        if length is None:
            sys.exit(f"{method} {path}: {status} without a Content-Length")
        text = self.answers.read(length).decode()
        if status not in (wanted, 202):
            sys.exit(f"{method} {path}: {status} {text}")
        return text

    def submit(self, name, argv):
        words = ", ".join(f'"{word}"' for word in argv)
        self.ask("POST", "/v1/jobs", f'{{"name": "{name}", "user": "mwjob", "argv": [{words}]}}', 201)

    def await_state(self, name, state):
        until = time.monotonic() + 60
        while re.search('"state" *: *"([^"]*)"', self.ask("GET", "/v1/jobs/" + name)).group(1) != state:
            if time.monotonic() > until:
                sys.exit(name + " is not " + state)
            time.sleep(0.02)

    def job(self, name):
        """From before the request to the program's own time, and to the answer."""
        begun = time.time_ns()
        self.submit(name, STAMP)
        answered = time.time_ns()
        self.await_state(name, "ended")
        return (int(self.ask("GET", "/v1/jobs/" + name + "/logs")) - begun) / 1e6, (answered - begun) / 1e6


def hardened(rest):
    """The words of systemd-run that make a unit with the walls of a job's."""
    rest.submit("walls", ["/usr/bin/sleep", "600"])
    rest.await_state("walls", "running")
    with open("/run/systemd/transient/mw-job-walls-r1.service") as file:
        lines = [line.strip() for line in file]
    rest.ask("POST", "/v1/jobs/walls/cancel")
    rest.await_state("walls", "ended")
    properties = [line for line in lines if "=" in line and not line.startswith("#") and line.split("=")[0] not in OWN]
    print(f'{{"properties of the job\'s unit": {len(properties)}}}', flush=True)
    return ["--slice=millwright-jobs.slice"] + ["--property=" + line.replace("%%", "%") for line in properties]


def moments(unit, *names):
    """When systemd did what with a unit, in seconds of CLOCK_MONOTONIC."""
    words = ["systemctl", "show", unit] + ["--property=" + name + "TimestampMonotonic" for name in names]
    into, out = os.pipe()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
    os.close(out)
    with os.fdopen(into) as pipe:
        said = dict(line.strip().split("=", 1) for line in pipe)
    os.waitpid(pid, 0)
    return [int(said[name + "TimestampMonotonic"]) / 1e6 for name in names]


def parts(rest, count):
    """Where the time of a job goes, of further jobs; that its program is reached systemd notices later than the program itself."""
    rows = {"another job: request -> systemd begins its units": [], "another job: its unit begins -> systemd knows its program reached": []}
    for i in range(count):
        name = f"part-{i}"
        time.sleep(0.1 + random.random() / 5)
        begun = time.monotonic()
        rest.submit(name, ["/usr/bin/sleep", "600"])
        rest.await_state(name, "running")
        units, = moments(f"mw-output-{name}-r1.service", "InactiveExit")
        begins, reached = moments(f"mw-job-{name}-r1.service", "InactiveExit", "ActiveEnter")
        rest.ask("POST", f"/v1/jobs/{name}/cancel")
        rest.await_state(name, "ended")
        for row, value in zip(rows.values(), (units - begun, reached - begins)):
            row.append(1000 * value)
    for name, times in rows.items():
        tell(name, times)


def units(token_file, count):
    with open(token_file) as file:
        rest = Rest(file.read().strip())
    run = ["systemd-run", "--quiet", "--wait", "--collect", "--property=Type=exec", "--property=StandardOutput=truncate:" + SAID]
    walls = hardened(rest)
    rows = {"job by REST": [], "its answer": [], "systemd-run --wait": [], "systemd-run --wait, with the job's properties": []}
    warm = 10
    for i in range(warm + count):
        starts, answers = rest.job(f"launch-{i}")
        plain = spawned(run + STAMP, SAID)
        walled = spawned(run + walls + STAMP, SAID)
        if i >= warm:
            for row, value in zip(rows.values(), (starts, answers, plain, walled)):
                row.append(value)
        time.sleep(random.random() / 5)
    for name, times in rows.items():
        tell(name, times)
    parts(rest, count // 3)


if sys.argv[1] == "units":
    units(sys.argv[2], int(sys.argv[3]))
else:
    command = sys.argv[4:] + STAMP
    for _ in range(10):
        spawned(command)
    taken = []
    for _ in range(int(sys.argv[2])):
        taken.append(spawned(command))
        time.sleep(random.random() / 5)
    tell(sys.argv[3], taken)
