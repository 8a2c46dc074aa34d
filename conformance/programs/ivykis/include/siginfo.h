/* SPDX-License-Identifier: MIT */
/* iv_fd_port.c includes illumos's <siginfo.h> and uses nothing that Linux has elsewhere. */
