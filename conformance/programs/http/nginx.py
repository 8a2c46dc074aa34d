# SPDX-License-Identifier: MIT
"""nginx as the driver runs it."""

import os
import pathlib
import signal

from client import SECONDS, free_port, wait_until
from servers import Daemon, Server, owner

CONFIG = """
{user}
worker_processes {workers};
{timer}
pid {folder}/nginx.pid;
error_log {folder}/logs/error info;
# A new executable (SIGUSR2) gets no other variables of the environment.
env LD_PRELOAD;
events {{ use {backend}; worker_connections 1024; accept_mutex {mutex}; multi_accept {multi}; }}

stream {{
    server {{ listen 127.0.0.1:{tcp}; proxy_pass 127.0.0.1:{origin}; proxy_half_close on; }}
    server {{ listen 127.0.0.1:{udp} udp; proxy_pass 127.0.0.1:{udp_origin}; proxy_responses 1;
              proxy_timeout 2s; }}
    server {{ listen 127.0.0.1:{tcp_idle}; proxy_pass 127.0.0.1:{origin}; proxy_timeout 1s; }}
}}

http {{
    access_log {folder}/logs/access;
    client_body_temp_path {folder}/tmp/body; proxy_temp_path {folder}/tmp/proxy;
    fastcgi_temp_path {folder}/tmp/fastcgi; uwsgi_temp_path {folder}/tmp/uwsgi;
    scgi_temp_path {folder}/tmp/scgi;
    proxy_cache_path {folder}/tmp/cache keys_zone=cache:1m;
    types {{ text/html html; text/plain txt; }}
    default_type application/octet-stream;
    client_max_body_size 64m; keepalive_requests 2000; server_tokens off;
    proxy_http_version 1.1; proxy_set_header Connection "";
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    upstream origin_kept {{ server 127.0.0.1:{origin}; keepalive 8; }}
    upstream origin_second {{ server 127.0.0.1:{dead} max_fails=0; server 127.0.0.1:{origin}; }}

    server {{
        listen 127.0.0.1:{http} {reuseport}; listen unix:{folder}/http.sock;
        server_name localhost;
        root {folder}/pages;
        add_header X-Generation {generation};
        location = /moved {{ return 302 /index.html; }}
        location = /nothing {{ return 204; }}
        location = /status {{ stub_status; }}
        location /put/ {{ dav_methods PUT DELETE; create_full_put_path on; }}
        location /gzip/ {{ alias {folder}/pages/; gzip on; gzip_types *; gzip_min_length 1; }}
        location /slow/ {{ alias {folder}/pages/; limit_rate 200k; limit_rate_after 64k; }}
        location /aio/ {{ alias {folder}/pages/; aio threads; sendfile off; output_buffers 2 64k; }}
        location /aiosend/ {{ alias {folder}/pages/; aio threads; sendfile on; }}
        location /sendfile/ {{ alias {folder}/pages/; sendfile on; tcp_nopush on; }}
        location /postpone/ {{ alias {folder}/pages/; postpone_output 0; output_buffers 1 512; }}
        location /proxy/ {{ proxy_pass http://127.0.0.1:{origin}; }}
        location /stream/ {{ proxy_pass http://127.0.0.1:{origin}; proxy_buffering off;
                             proxy_request_buffering off; }}
        location /keep/ {{ proxy_pass http://origin_kept; }}
        location /unix/ {{ proxy_pass http://unix:{origin_unix}; }}
        location /patient/ {{ proxy_pass http://127.0.0.1:{origin}; proxy_ignore_client_abort on; }}
        location /dead/ {{ proxy_pass http://127.0.0.1:{dead}; }}
        location /second/ {{ proxy_pass http://origin_second; }}
        location /spool/ {{ proxy_pass http://127.0.0.1:{origin}; proxy_buffers 2 4k;
                            proxy_buffer_size 4k; proxy_busy_buffers_size 4k; }}
        location /aioproxy/ {{ proxy_pass http://127.0.0.1:{origin}; aio threads; aio_write on;
                               proxy_buffers 2 4k; proxy_busy_buffers_size 4k; }}
        location /cache/ {{ proxy_pass http://127.0.0.1:{origin}; proxy_cache cache;
                            proxy_cache_lock on; add_header X-Cache $upstream_cache_status; }}
        location /auth/ {{ auth_request /subrequest; alias {folder}/pages/; }}
        location /authno/ {{ auth_request /refusal; alias {folder}/pages/; }}
        location = /subrequest {{ internal; proxy_pass http://127.0.0.1:{origin}/p/status/200;
                                  proxy_pass_request_body off;
                                  proxy_set_header Content-Length ""; }}
        location = /refusal {{ internal; proxy_pass http://127.0.0.1:{origin}/p/status/403; }}
        location /mirror/ {{ mirror /subrequest; alias {folder}/pages/; }}
        location /resolve/ {{ resolver 127.0.0.1:{dns} ipv6=off; resolver_timeout 2s;
                              set $name origin.test; proxy_pass http://$name:{origin}; }}
        location /unresolved/ {{ resolver 127.0.0.1:{dns} ipv6=off; resolver_timeout 1s;
                                 set $name silent.test; proxy_pass http://$name:{origin}; }}
        location /ws/ {{ proxy_pass http://127.0.0.1:{origin};
                         proxy_set_header Upgrade $http_upgrade;
                         proxy_set_header Connection $connection_upgrade; }}
    }}

    server {{
        listen 127.0.0.1:{hurried};
        root {folder}/pages; client_max_body_size 1k; large_client_header_buffers 2 4k;
        client_header_timeout 1s; client_body_timeout 1s; send_timeout 1s; keepalive_timeout 1s;
        proxy_read_timeout 1s; proxy_send_timeout 1s; keepalive_requests 3;
        lingering_timeout 1s; lingering_time 2s;
        location /proxy/ {{ client_max_body_size 64m; proxy_pass http://127.0.0.1:{origin}; }}
        location /stream/ {{ client_max_body_size 64m; proxy_pass http://127.0.0.1:{origin};
                             proxy_buffering off; proxy_request_buffering off; }}
        location /ws/ {{ proxy_pass http://127.0.0.1:{origin};
                         proxy_set_header Upgrade $http_upgrade;
                         proxy_set_header Connection $connection_upgrade; }}
    }}
}}
"""


class Nginx(Server):
    name = "nginx"
    features = frozenset(
        "aio auth cache dav first-timeout gzip http09 keepalive-limit kept leading-newline master "
        "mirror proxy reload reopen resolver second slow status stream-proxy strict "
        "timeouts unix upgrade ws".split())
    QUIT, STOP, RELOAD, REOPEN = signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1

    def __init__(self, *arguments, dns=0, udp_origin=0, **settings):
        self.dns, self.udp_origin = dns, udp_origin
        self.tcp, self.tcp_idle = self.port(), self.port()
        self.udp = ("127.0.0.1", free_port())
        self.generation = "first"
        super().__init__(*arguments, **settings)

    def write_config(self):
        wanted = {"workers": 1, "mutex": "off", "multi": "off", "timer": "", "reuseport": "",
                  **self.settings}
        text = CONFIG.format(
            user=f"user {owner()};" if owner() else "", folder=self.folder, backend=self.backend,
            http=self.address[1], hurried=self.hurried[1], dead=self.dead[1], tcp=self.tcp[1],
            tcp_idle=self.tcp_idle[1], udp=self.udp[1], origin=self.origin.port,
            origin_unix=self.origin.unix_path, dns=self.dns or 1, udp_origin=self.udp_origin or 1,
            generation=self.generation, **wanted)
        (self.folder / "nginx.conf").write_text(text)

    def arguments(self):
        return ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e",
                str(self.folder / "logs/error")]

    def launch(self, log):
        """It goes into the background, as it does everywhere; a master that is still the child of
        who started it does not let itself be replaced."""
        status = super().launch(log).wait(SECONDS)
        if status != 0:
            raise RuntimeError(f"nginx did not start:\n{self.log()}")
        wait_until(lambda: self.pid_file_says(0), "a pid file")
        return Daemon(self.master())

    def worker_count(self):
        return self.settings.get("workers", 1)

    def workers(self):
        """Those that look after the cache, and a second master, are children as well."""
        return [pid for pid in super().workers() if "worker process" in title(pid)]

    def master(self):
        return int((self.folder / "nginx.pid").read_text())

    def spoken_backend(self):
        """What the log says at the start."""
        words = [line for line in self.log().splitlines() if "event method" in line]
        return words[0].split(": ", 1)[1] if words else "nothing"

    def complaints(self):
        """What a run without trouble leaves out of the log."""
        return [line for line in self.log().splitlines()
                if any(word in line for word in ("[alert]", "[emerg]", "[crit]"))
                and not line.endswith("exited on signal 9")]

    # --- the master process

    def signal(self, number):
        os.kill(self.master(), number)

    def reload(self):
        """Waits until the workers of before are gone."""
        before = set(self.workers())
        self.signal(self.RELOAD)
        self.wait_replaced(before)

    def wait_replaced(self, before):
        wait_until(lambda: not before & set(self.workers())
                   and len(self.workers()) == self.worker_count(), "new workers replace the old")

    def upgrade(self):
        """Starts a new master; returns its process id, and the old one's."""
        old = self.master()
        self.signal(signal.SIGUSR2)
        oldbin = self.folder / "nginx.pid.oldbin"
        wait_until(lambda: oldbin.exists() and self.pid_file_says(old), "a second master starts")
        return self.master(), old

    def pid_file_says(self, old):
        path = pathlib.Path(self.folder / "nginx.pid")
        text = path.read_text().strip() if path.exists() else ""
        return text.isdigit() and int(text) != old


def title(pid):
    """What a process calls itself."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
