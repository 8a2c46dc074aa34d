/* SPDX-License-Identifier: MIT */
/* The one path of glibc's build tree that its test driver refers to; no test here uses it. */

extern const char support_objdir_root[];

const char support_objdir_root[] = ".";
