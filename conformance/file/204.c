/* SPDX-License-Identifier: MIT */
#include "conformance/files.h"

ASSERTION(204, 1,
          "after a change and port_dissociate, a new association looks at its stamps alone") {
  enter_folder();
  CHECK_SEQUENCE("atdsa", 0);
  CHECK_SEQUENCE("atda", 2);
  CHECK_SEQUENCE("atdsat", 2);
  leave_folder();
}
