# libportc/core/descriptor.cc
# Closing the last descriptor of a port keeps what the process associated.
s/^    if (guard \&\& port->announced \&\& is_last_number(\*port)) sources_leave(\*port);$//
