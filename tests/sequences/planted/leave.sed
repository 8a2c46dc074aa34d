# libportc/core/descriptor.cc
# Closing the last descriptor of a port keeps what the process associated.
s/^    if (guard \&\& port->announced \&\& port->numbers == 1) sources_leave(\*port);$//
