# libportc/core/private.cc
# Any process can retrieve the events of timers and requests.
/^bool private_deliverable/,/^}/s/return false/return true/
