// SPDX-License-Identifier: MIT
//
// Where the test of crash safety (tests/storm) kills a process, and what it breaks on purpose to
// see whether it would notice. Only the objects that its rules.mk builds have any of this: in
// everything else both functions are empty.
#pragma once

#ifdef PORTC_KILL_POINTS

extern "C" {
// Defined by the program. `name` is a literal: "file.step".
void portc_kill_point(const char* name);
bool portc_planted(const char* defect);
}

namespace portc {

// The process may be killed here.
inline void kill_point(const char* name) { portc_kill_point(name); }

// Is the runtime to have this defect now?
inline bool planted(const char* defect) { return portc_planted(defect); }

}  // namespace portc

#else

namespace portc {

inline void kill_point(const char*) {}
constexpr bool planted(const char*) { return false; }

}  // namespace portc

#endif
