# SPDX-License-Identifier: MIT
#
# Debian packages and source packages, fetched with apt from the machine's own package sources,
# for folders of ours: nothing is installed, nothing of the system's changes, no root is needed.
# To be sourced by scripts that define say and die, and that set
#
#   APT_DIR   an absolute folder, for lists, caches and the log
#
# The chain of trust is apt's: the release file of each suite is signed by Debian's archive key,
# it holds the checksums of the indexes, and those hold the checksums of the packages' files.
#
# Failures end the script: status 3, no package source could be reached; 1, anything else, and
# above all a signature or a checksum that is wrong: that is never a reason to carry on without.

export LC_ALL=C

# The machine's package sources, for Debian's suites alone, with the same addresses and keys, as
# sources of TYPE: deb-src, or deb. Entries that are bound to a key of somebody else are left out.
write_sources() { # TYPE
  local type=$1 codename dir=$APT_DIR/sources.d
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  find /etc/apt -maxdepth 2 \( -name sources.list -o -path '*/sources.list.d/*.list' \) \
    -exec cat {} + 2>/dev/null | awk -v code="$codename" -f packaging/debian/one_line.awk |
    sed "s/^deb-src /$type /" >"$dir/debian.list"
  find /etc/apt/sources.list.d -name '*.sources' -exec awk 1 {} + 2>/dev/null |
    awk -v code="$codename" -f packaging/debian/deb822.awk |
    sed "s/^Types: deb-src\$/Types: $type/" >"$dir/debian.sources"
  [[ -s $dir/debian.list || -s $dir/debian.sources ]]
}

# Lists and caches of our own, so that no root is needed and nothing of the system's changes. apt
# reads this after the system's configuration, proxies and all, so what stands here wins.
# apt would download as user _apt when run by root; that user may not be able to reach this
# folder. What protects us are the signatures, not the user.
write_config() {
  cat >"$APT_DIR/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$APT_DIR/sources.d";
Dir::State::Lists "$APT_DIR/lists";
Dir::Cache "$APT_DIR/cache";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
Acquire::AllowInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
END
}

# Makes the folder, and fetches the lists. Called in the top folder of this tree.
apt_prepare() { # TYPE
  mkdir -p "$APT_DIR"/{lists,cache/archives}/partial "$APT_DIR/sources.d"
  if ! write_sources "$1"; then
    say "no Debian package source is configured on this machine" >&2
    exit 3
  fi
  write_config
  apt update
}

# Downloads a source package into the current folder. The sources of a security update can be
# missing where its packages are not; then those of the release do. Only if they could not be
# reached (3): a wrong signature ends everything.
apt_source() { # PACKAGE
  local status=0 codename
  (apt source --download-only --only-source "$1") || status=$?
  if ((status == 3)); then
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    say "trying the sources of $codename without updates"
    rm -f -- "$1"_*
    apt source --download-only --only-source "$1/$codename"
  elif ((status != 0)); then
    exit "$status"
  fi
}

# Runs apt-get and sorts a failure out: what smells of a forgery ends everything, the rest means
# that nothing could be reached.
apt() {
  local status=0
  apt-get -q -c "$APT_DIR/apt.conf" "$@" >"$APT_DIR/log" 2>&1 </dev/null || status=$?
  if grep -qEi 'authenticat|not signed|GPG error|BADSIG|NO_PUBKEY|EXPKEYSIG|invalid signature|sum mismatch|unexpected size' "$APT_DIR/log"; then
    cat "$APT_DIR/log" >&2
    die "apt could not authenticate what it fetched; stopping"
  fi
  if ((status != 0)); then
    say "Debian's package sources could not be reached: $(sed -n 's/^E: //p' "$APT_DIR/log" | head -n 1)" >&2
    exit 3
  fi
}
