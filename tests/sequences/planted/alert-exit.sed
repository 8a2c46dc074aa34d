# libportc/source/sources.cc
# Alert mode outlives the process that set it.
s/^  alert_end(port, owner_self());$//
