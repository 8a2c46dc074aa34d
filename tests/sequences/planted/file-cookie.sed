# libportc/source/file.cc
# Associating a file again keeps the old cookie.
s/^  slot.user = request.user;$//
