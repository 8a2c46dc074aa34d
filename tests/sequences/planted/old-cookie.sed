# libportc/source/fd.cc
# Associating again keeps the old cookie.
/^int rearm_known/,/^}/s/^  slot.user = user;$//
