# libportc/core/lock.cc
# What a process had when it executed a program is the others' until it ends.
s/^  port.settled = exec_settle(port);$/  port.settled = true;/
