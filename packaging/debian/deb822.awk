# SPDX-License-Identifier: MIT
#
# Reads sources.list(5) in its deb822 form and prints each paragraph that is about the Debian
# release `code` as one of type deb-src. Written for mawk.

function clear() {
  types = uris = suites = components = signed = ""
  refused = 0
}

# Keeps of the words of `list` those that name the release or one of its companions.
function own_suites(list, word, n, i, kept) {
  n = split(list, word, " ")
  for (i = 1; i <= n; i++)
    if (word[i] == code || word[i] == code "-updates" || word[i] == code "-security")
      kept = kept " " word[i]
  return kept
}

function finish() {
  suites = own_suites(suites)
  if (types != "" && uris != "" && suites != "" && (" " components " ") ~ / main / && !refused &&
      (signed == "" || signed ~ /debian-archive/)) {
    print "Types: deb-src\nURIs: " uris "\nSuites:" suites "\nComponents: main"
    if (signed != "") print "Signed-By: " signed
    print ""
  }
  clear()
}

BEGIN { clear() }
END { finish() }

/^#/ { next }
/^[ \t]*$/ { finish(); next }

# A continuation line belongs to the field above it.
/^[ \t]/ {
  if (field == "uris") uris = uris " " $0
  if (field == "suites") suites = suites " " $0
  if (field == "signed-by") signed = signed " " $0
  next
}

{
  field = tolower($0)
  sub(/:.*/, "", field)
  value = $0
  sub(/^[^:]*:[ \t]*/, "", value)
  if (field == "types") types = value
  if (field == "uris") uris = value
  if (field == "suites") suites = value
  if (field == "components") components = value
  if (field == "signed-by") signed = value
  if (field == "enabled" && tolower(value) ~ /^(no|false|0|off|disable)/) refused = 1
  if (field ~ /^(trusted|allow-insecure|allow-weak)$/) refused = 1
}
