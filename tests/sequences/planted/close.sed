# libportc/core/descriptor.cc
# Closing a descriptor does not end its associations.
s/^  if (associated != 0) end_associations(\*record, fd);$//
