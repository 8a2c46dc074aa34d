# libportc/core/wait.cc
# Closing a port does not wake the thread that waits on it.
/^void port_kick/,/^}/s/^    if (w->port_fd != fd) continue;$/    if (w->port_fd != -2) continue;/
