/* SPDX-License-Identifier: MIT */
/* A library that does nothing: what any preloaded object costs, ours aside. */
extern int nothing_at_all;
int nothing_at_all;
