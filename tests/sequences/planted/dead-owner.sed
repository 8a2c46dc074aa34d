# libportc/source/fd.cc
# An association of a dead process is taken for one that can be associated again.
/^bool ended_by_death/,/^}/s/^  if (!owner_is_dead.*$/  if (number != 0) return false;/
