# libportc/source/user.cc
# A user event overtakes what became ready before it was sent.
s/= sources_collect(port);/= Result<void>();/
