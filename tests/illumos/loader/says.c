// SPDX-License-Identifier: MIT
//
// Says how it was started: its words, with | between them. With "missing", calls a function that
// nobody provides; with "open", opens a file that is not there.
#include "guest.h"

void a_function_of_another_system(int);

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "missing") == 0) a_function_of_another_system(1);
  if (argc > 1 && strcmp(argv[1], "open") == 0) return open("/does/not/exist", O_RDONLY) != -1;
  for (int i = 0; i < argc; ++i) printf("%s%s", argv[i], i + 1 < argc ? "|" : "\n");
  return 7;
}
