/* SPDX-License-Identifier: MIT */
int exact_main(int argc, char **argv);

int main(int argc, char **argv) { return exact_main(argc, argv); }
