// SPDX-License-Identifier: MIT
//
// What a ucred_t, opaque to guests, holds: who the other end is, or was.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstring>

namespace portc::illumos {

constexpr uint32_t kUcredGroups = 64;

struct Ucred {
  uint32_t size;
  int pid;
  uint32_t ruid, euid, suid;
  uint32_t rgid, egid, sgid;
  uint32_t group_count;
  uint32_t groups[kUcredGroups];
};

// Linux tells one user and one group of a peer.
inline void fill_ucred(Ucred& out, pid_t pid, uid_t uid, gid_t gid) {
  memset(&out, 0, sizeof out);
  out.size = sizeof out;
  out.pid = pid;
  out.ruid = out.euid = out.suid = uid;
  out.rgid = out.egid = out.sgid = gid;
}

}  // namespace portc::illumos
