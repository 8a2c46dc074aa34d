# SPDX-License-Identifier: MIT
#
# Reads sources.list(5) in its one-line form and prints a deb-src line for each entry of the
# Debian release `code`. Written for mawk.
#   deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://host/debian bookworm main

$1 != "deb" && $1 != "deb-src" { next }

{
  rest = $0
  sub(/#.*/, "", rest)
  sub(/^[ \t]*deb(-src)?[ \t]+/, "", rest)
  options = ""
  if (match(rest, /^\[[^]]*\]/)) {
    options = substr(rest, 1, RLENGTH) " "
    rest = substr(rest, RLENGTH + 1)
  }
  if (options ~ /signed-by=/ && options !~ /signed-by=[^ \]]*debian-archive/) next
  if (options ~ /trusted=|allow-insecure=|allow-weak=/) next
  words = split(rest, word, " ")
  if (words < 3 || word[3] != "main") next
  if (word[2] != code && word[2] != code "-updates" && word[2] != code "-security") next
  line = "deb-src " options word[1] " " word[2] " main"
  if (!seen[line]++) print line
}
