// SPDX-License-Identifier: MIT
//
// The objects, as opposed to functions, that guests import. A guest that is no
// position-independent code has its own copy; see guest_object().
#pragma once

extern "C" char** il__environ;
extern "C" char* il_tzname[2];
extern "C" long il_timezone, il_altzone;
extern "C" int il_daylight;
extern "C" unsigned char il___iob[2560];
extern "C" unsigned char il_in6addr_any[16];
extern "C" unsigned char il_in6addr_loopback[16];
extern "C" unsigned char il___ctype[521];
extern "C" unsigned il___ctype_mask[256];
extern "C" int il___trans_lower[256];
extern "C" int il___trans_upper[256];
extern "C" char* il_optarg;
extern "C" int il_optind, il_opterr, il_optopt;
extern "C" unsigned long il___stack_chk_guard;
