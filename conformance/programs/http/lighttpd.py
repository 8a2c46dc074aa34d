# SPDX-License-Identifier: MIT
"""lighttpd as the driver runs it."""

import signal

from client import wait_until
from servers import Server, children

CONFIG = """
server.modules = ( "mod_accesslog", "mod_deflate", "mod_proxy", "mod_redirect", "mod_cgi",
                   "mod_setenv", "mod_status", "mod_indexfile", "mod_staticfile" )
server.document-root = "{folder}/pages"
server.bind = "127.0.0.1"
server.port = {http}
server.errorlog = "{folder}/logs/error"
accesslog.filename = "{folder}/logs/access"
server.upload-dirs = ( "{folder}/tmp" )
server.pid-file = "{folder}/pid"
server.event-handler = "{backend}"
server.max-worker = {max_worker}
server.max-keep-alive-requests = 2000
server.max-keep-alive-idle = 30
server.max-connections = 800
server.max-fds = 2048
server.feature-flags = ( "server.graceful-shutdown-timeout" => 8 )
server.stat-cache-engine = "disable"
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain" )
setenv.set-response-header = ( "X-Generation" => "{generation}" )
status.status-url = "/status"
url.redirect = ( "^/moved$" => "/index.html" )
url.redirect-code = 302
cgi.assign = ( ".cgi" => "/bin/sh" )

$SERVER["socket"] == "127.0.0.1:{hurried}" {{
    server.max-read-idle = 1
    server.max-write-idle = 1
    server.max-keep-alive-idle = 1
    server.max-keep-alive-requests = 3
    server.max-request-size = 1
}}
$SERVER["socket"] == "{folder}/http.sock" {{ }}

$HTTP["url"] =~ "^/gzip/" {{
    deflate.mimetypes = ( "" )
    deflate.allowed-encodings = ( "gzip" )
}}
$HTTP["url"] =~ "^/slow/" {{ connection.kbytes-per-second = 200 }}
$HTTP["url"] =~ "^/(proxy|spool|patient)/" {{
    proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {origin} )) )
}}
$HTTP["url"] =~ "^/stream/" {{
    server.stream-request-body = 2
    server.stream-response-body = 2
    proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {origin} )) )
}}
$HTTP["url"] =~ "^/ws/" {{
    server.stream-request-body = 2
    server.stream-response-body = 2
    proxy.header = ( "upgrade" => "enable" )
    proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {origin} )) )
}}
$HTTP["url"] =~ "^/unix/" {{
    proxy.server = ( "" => (( "host" => "{origin_unix}" )) )
}}
$HTTP["url"] =~ "^/dead/" {{
    proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {dead} )) )
}}
"""
# lighttpd takes aliases from mod_alias; the pages are simply there a second time.
ALIASES = ("gzip", "slow")
CGI = """printf 'Content-Type: text/plain\\r\\n\\r\\n'
case $QUERY_STRING in
  sum) sha256sum | cut -d ' ' -f 1 ;;
  big) i=0; while [ $i -lt 2000 ]; do printf '%0127d\\n' $i; i=$((i + 1)); done ;;
  *) echo "$REQUEST_METHOD $QUERY_STRING" ;;
esac
"""


class Lighttpd(Server):
    name = "lighttpd"
    features = frozenset("cgi gzip proxy reload reopen slow status unix ws".split())
    QUIT, STOP, RELOAD, REOPEN = signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP

    def __init__(self, *arguments, dns=0, udp_origin=0, **settings):
        self.generation = "first"
        self.modules = settings.pop("modules")
        super().__init__(*arguments, **settings)

    def prepare(self):
        super().prepare()
        for alias in ALIASES:
            link = self.folder / "pages" / alias
            if not link.exists():
                link.symlink_to(".")
        (self.folder / "pages/script.cgi").write_text(CGI)

    def write_config(self):
        workers = self.settings.get("workers", 1)
        text = CONFIG.format(
            folder=self.folder, backend=self.backend, http=self.address[1],
            hurried=self.hurried[1], dead=self.dead[1], origin=self.origin.port,
            origin_unix=self.origin.unix_path, generation=self.generation,
            max_worker=workers if workers > 1 else 0)
        (self.folder / "lighttpd.conf").write_text(text)

    def arguments(self):
        return ["-D", "-f", str(self.folder / "lighttpd.conf"), "-m", self.modules]

    def worker_count(self):
        return self.settings.get("workers", 1)

    def workers(self):
        """Alone, it is its own worker."""
        return children(self.process.pid) if self.worker_count() > 1 else [self.process.pid]

    def complaints(self):
        """What a run without trouble leaves out of the log."""
        return [line for line in self.log().splitlines()
                if any(word in line for word in ("port_", "(fdevent", "ASSERT", "Sanitizer"))]

    def reload(self):
        """A graceful restart, in the same process."""
        count = self.log().count("server started")
        self.process.send_signal(self.RELOAD)
        wait_until(lambda: self.log().count("server started") > count, "the server starts again")
        wait_until(lambda: len(self.workers()) == self.worker_count(), "all workers run")

    def status_when_broken_off(self):
        return 1 if self.worker_count() == 1 else 0

    @staticmethod
    def spoken_backend():
        """lighttpd says what it was built with, and refuses to start with another: recipe.sh."""
        return ""
