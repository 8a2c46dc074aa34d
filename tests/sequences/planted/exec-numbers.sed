# libportc/core/attach.cc
# After an exec, one number of a port is found, and not the others.
s/^  note_numbers(\*\*port);$/  (void)note_numbers;/
