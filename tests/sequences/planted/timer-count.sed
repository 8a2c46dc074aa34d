# libportc/source/timer_port.cc
# A timer goes on counting from what was retrieved.
/^void port_timers_retire/,/^}/s/^  timer->expirations = 0;$//
