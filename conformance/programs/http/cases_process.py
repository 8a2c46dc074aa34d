# SPDX-License-Identifier: MIT
"""The server's processes: reloading, ending, being killed, being replaced. Each case has a server
of its own."""

import contextlib
import os
import signal

from client import Closed, content, wait_until
from registry import Load, case
from servers import children

CLOSE = ("Connection: close",)


def generation(site):
    return site.get("/1")["x-generation"]


def wait_done(load, more, lossy=False):
    """Waits until the load has got that many more answers, or lost one where none may be lost."""
    target = load.done + more
    wait_until(lambda: load.done >= target or (load.failures and not lossy), f"{more} requests")


@case("reload", own_server=True)
def reload_takes_new_configuration(site):
    assert generation(site) == "first"
    site.server.generation = "second"
    site.server.write_config()
    site.server.reload()
    wait_until(lambda: generation(site) == "second", "the new configuration answers")


@case("reload", own_server=True)
def reload_five_times(site):
    for turn in range(5):
        site.server.generation = f"turn-{turn}"
        site.server.write_config()
        site.server.reload()
        wait_until(lambda wanted=f"turn-{turn}": generation(site) == wanted, "it answers")
        assert site.get("/1m").body == content(1 << 20)


@case("reload", "master", own_server=True)
def reload_under_load(site):
    with Load(site) as load:
        wait_done(load, 50)
        for _ in range(5):
            site.server.reload()
            wait_done(load, 50)
    assert load.failures == [], load.failures[:3]


@case("reload", "proxy", "master", own_server=True)
def reload_with_request_held(site):
    """What the old workers have begun they bring to its end."""
    with site.connect() as client:
        client.request("/proxy/hold/reload", headers=CLOSE)
        site.origin.wait_seen("request hold", 1)
        before = set(site.server.workers())
        site.server.signal(site.server.RELOAD)
        wait_until(lambda: set(site.server.workers()) - before, "new workers start")
        assert site.get("/1k").body == content(1024)
        site.origin.gates["reload"].set()
        assert client.response().body == b"held\n"
    site.server.wait_replaced(before)


@case("reload", "ws", "master", own_server=True)
def reload_with_idle_connections(site):
    clients = [site.connect() for _ in range(20)]
    for client in clients:
        client.request("/1")
        assert client.response().body == b"0"
    site.server.reload()
    for client in clients:
        with client:
            client.expect_close()


@case("reopen", own_server=True)
def logs_reopened(site):
    log, kept = site.server.folder / "logs/access", site.server.folder / "logs/access.1"
    assert site.get("/1k").body == content(1024)
    log.rename(kept)
    site.server.process.send_signal(site.server.REOPEN)
    wait_until(log.exists, "a new log appears")
    wait_until(lambda: site.get("/1").status == 200 and log.stat().st_size > 0, "it is written to")


@case("reopen", "master", own_server=True)
def logs_reopened_under_load(site):
    log = site.server.folder / "logs/access"
    with Load(site, path="/1k", size=1024) as load:
        for turn in range(5):
            log.rename(f"{log}.{turn}")
            site.server.process.send_signal(site.server.REOPEN)
            wait_until(log.exists, "a new log appears")
            wait_done(load, 20)
    assert load.failures == [], load.failures[:3]


@case(own_server=True)
def quit_idle(site):
    assert site.server.stop(site.server.QUIT) == 0


@case(own_server=True)
def stop_with_connections(site):
    clients = [site.connect() for _ in range(20)]
    clients[0].request("/8m")
    clients[0].wait_stuck()
    status = site.server.stop(site.server.STOP)
    assert status == site.server.status_when_broken_off(), status
    for client in clients:
        client.close()


@case("proxy", own_server=True)
def quit_with_request_held(site):
    with site.connect() as client:
        client.request("/proxy/hold/quit", headers=CLOSE)
        site.origin.wait_seen("request hold", 1)
        site.server.process.send_signal(site.server.QUIT)
        wait_until(lambda: refuses(site), "the server takes no new connections")
        site.origin.gates["quit"].set()
        assert client.response().body == b"held\n"
    assert site.server.process.wait(10) == 0


@case(own_server=True)
def quit_with_slow_reader(site):
    with site.connect(rcvbuf=8192) as client:
        client.request("/8m", headers=CLOSE)
        client.wait_stuck()
        site.server.process.send_signal(site.server.QUIT)
        wait_until(lambda: refuses(site), "the server takes no new connections")
        assert client.response().body == content(8 << 20)
    assert site.server.process.wait(10) == 0


def refuses(site):
    try:
        site.connect().close()
    except ConnectionRefusedError:
        return True
    return False


# --- workers

@case("master", own_server=True)
def worker_killed(site):
    before = site.server.workers()
    os.kill(before[0], signal.SIGKILL)
    site.server.wait_replaced({before[0]})
    for name, size in (("1", 1), ("1m", 1 << 20)):
        assert site.get(f"/{name}").body == content(size)


@case("master", own_server=True)
def workers_killed_under_load(site):
    """A kill loses what that worker had in hand, at most a request for each thread, and nothing
    that comes later."""
    kills, threads = 5, 4
    with Load(site, threads) as load:
        for _ in range(kills):
            wait_done(load, 50, lossy=True)
            victim = site.server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            site.server.wait_replaced({victim})
        wait_done(load, 50, lossy=True)
    assert len(load.failures) <= kills * threads, load.failures[:3]
    for failure in load.failures:
        assert failure.startswith(("ConnectionResetError", "Closed")), failure


@case("master", own_server=True)
def worker_killed_holding_connections(site):
    """The kernel ends what the worker held; the next worker knows nothing of it."""
    clients = [site.connect() for _ in range(30)]
    for client in clients:
        client.request("/1")
        assert client.response().body == b"0"
    victims = set(site.server.workers())
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    for client in clients:
        with client, contextlib.suppress(Closed):
            client.expect_close()
    site.server.wait_replaced(victims)
    assert site.get("/1m").body == content(1 << 20)


@case("master", own_server=True)
def worker_terminated(site):
    before = set(site.server.workers())
    for worker in before:
        os.kill(worker, signal.SIGTERM)
    site.server.wait_replaced(before)
    assert site.get("/1k").body == content(1024)


# --- another executable in the same place

def retire(site, old):
    os.kill(old, signal.SIGQUIT)
    wait_until(lambda: not os.path.exists(site.server.folder / "nginx.pid.oldbin"), "it retires")


@case("upgrade", own_server=True)
def upgraded(site):
    new, old = site.server.upgrade()
    retire(site, old)
    assert site.server.process.wait(10) == 0
    assert site.get("/1m").body == content(1 << 20)
    with stopping(new):
        assert site.get("/1k").body == content(1024)


@contextlib.contextmanager
def stopping(master):
    """Ends the new master, which is the driver's child once the old one is gone."""
    try:
        yield
    finally:
        os.kill(master, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(master, 0)[1]) == 0


@case("upgrade", own_server=True)
def upgraded_under_load(site):
    with Load(site) as load:
        wait_done(load, 50)
        new, old = site.server.upgrade()
        with stopping(new):
            wait_done(load, 50)
            retire(site, old)
            wait_done(load, 50)
            load.end.set()
            for thread in load.threads:
                thread.join()
    assert load.failures == [], load.failures[:3]


@case("upgrade", own_server=True)
def upgrade_taken_back(site):
    """The old workers go, the new ones serve; then the old master starts workers again."""
    new, old = site.server.upgrade()
    with Load(site) as load:
        os.kill(old, signal.SIGWINCH)
        wait_until(lambda: not site.server.workers(), "the old workers end")
        wait_done(load, 50)
        os.kill(old, signal.SIGHUP)
        wait_until(lambda: len(site.server.workers()) == site.server.worker_count(),
                   "the old master has workers again")
        os.kill(new, signal.SIGQUIT)
        wait_until(lambda: new not in children(old), "the new master ends")
        wait_done(load, 50)
    assert load.failures == [], load.failures[:3]
    assert site.get("/1m").body == content(1 << 20)
