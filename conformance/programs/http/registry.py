# SPDX-License-Identifier: MIT
"""The list of cases. A case is a function that gets a Site and fails by raising."""

import threading


class Case:
    def __init__(self, name, function, arguments, needs, own_server):
        self.name = name
        self.function = function
        self.arguments = arguments
        self.needs = needs
        self.own_server = own_server


CASES = []


def case(*needs, own_server=False):
    """Makes a function a case; the server must have all the features that are named. own_server:
    the case ends its server, or changes it, and gets one for itself."""
    def register(function):
        CASES.append(Case(function.__name__, function, (), frozenset(needs), own_server))
        return function
    return register


def shapes(table, *needs):
    """Makes a function one case for each line of the table: {label: further arguments}."""
    def register(function):
        for label, arguments in table.items():
            arguments = arguments if isinstance(arguments, tuple) else (arguments,)
            name = f"{function.__name__}[{label}]"
            CASES.append(Case(name, function, arguments, frozenset(needs), False))
        return function
    return register


class Site:
    """What a case works with: the server under test, and the origin behind it."""

    def __init__(self, server, origin):
        self.server = server
        self.origin = origin

    def connect(self, address=None, **options):
        return self.server.connect(address, **options)

    def hurried(self, **options):
        """A connection to where every timeout is a second."""
        return self.server.connect(self.server.hurried, **options)

    def get(self, path, **options):
        """One request on a connection of its own."""
        with self.connect() as client:
            client.request(path, **options)
            return client.response(options.get("method", "GET"))


class Load:
    """Threads that make one request after the other, each on a new connection, until it ends."""

    def __init__(self, site, threads=4, path="/64k", size=1 << 16):
        self.site, self.path, self.size = site, path, size
        self.done, self.failures = 0, []
        self.lock, self.end = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        while not self.end.is_set():
            try:
                response = self.site.get(self.path, headers=("Connection: close",))
                assert response.status == 200 and len(response.body) == self.size, response
            except Exception as error:  # a lost request is what the case wants to hear of
                with self.lock:
                    self.failures.append(repr(error))
            else:
                with self.lock:
                    self.done += 1
