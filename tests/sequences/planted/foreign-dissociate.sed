# libportc/source/fd.cc
# Any process can end an association.
s/^  if (number != mine) return Errno{EACCES};$//
