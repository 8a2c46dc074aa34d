# libportc/source/fd.cc
# A retrieved association loses its slot.
/^void retire/,/^}/s/^  slot.state.release.*$/  free_association(port, number);/
