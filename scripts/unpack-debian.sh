# Packages of Debian or Ubuntu, unpacked into a folder of the cache: nothing is installed on the system, and no root is
# needed. They are fetched with the machine's own mirror and keys, by an apt with a state of its own: what is installed
# on the system is nothing to it. Sourced by scripts/install-*, which set CACHE, the folder, and have die, which says
# why it cannot be.

lock_cache() {               # makes the folder; whoever else works on it is waited for
    local tool
    for tool in apt-get dpkg dpkg-deb flock; do
        command -v "$tool" >/dev/null || die "needs '$tool': the packages are Debian's or Ubuntu's"
    done
    [ "$(dpkg --print-architecture)" = amd64 ] || die "needs an amd64 machine"

    mkdir -p "$CACHE"
    exec 9>"$CACHE/.lock"
    flock -w 900 9 || die "another run has held $CACHE/.lock for 15 minutes"
}

is_ubuntu() { grep -qs '^ID=ubuntu$' /etc/os-release; }

release_of_the_machine() { (. /etc/os-release; echo "${VERSION_CODENAME:-}"); }

# A source of the machine's apt that has one of these suites: prints "URI ENTRY", where ENTRY is the file it is from.
source_of_the_machine() {    # SUITE...
    apt-get indextargets --format '$(RELEASE) $(SITE) $(SOURCESENTRY)' 'Identifier: Packages' 2>/dev/null \
        | awk -v suites=" $* " 'index(suites, " " $1 " ") { sub(/:[0-9]+$/, "", $3); print $2, $3; exit }'
}

key_of() {                   # ENTRY: the key file that it names, if it does
    sed -n -e 's/^Signed-By: *\(\/[^ ]*\)$/\1/p' -e 's/.*signed-by=\(\/[^] ]*\).*/\1/p' "$1" 2>/dev/null | head -n 1
}

# An apt of our own, with its files in the cache. Where APT_TYPES is "deb deb-src" it knows sources as well.
open_apt() {                 # URI KEY COMPONENTS SUITE...
    local uri="$1" key="$2" components="$3"
    shift 3
    APT="$CACHE/.apt"
    rm -rf "$APT"
    mkdir -p "$APT/lists/partial" "$APT/archives/partial" "$APT/sources"
    : > "$APT/status"        # nothing is installed
    {
        echo "Types: ${APT_TYPES:-deb}"
        echo "URIs: $uri"
        echo "Suites: $*"
        echo "Components: $components"
        [ -z "$key" ] || echo "Signed-By: $key"
    } > "$APT/sources/own.sources"

    APT_OPTIONS=(
        -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$APT/sources" -o "Dir::Etc::preferences=/dev/null"
        -o "Dir::Etc::preferencesparts=/dev/null" -o "APT::Architecture=amd64" -o "APT::Architectures=amd64"
        -o "Dir::State=$APT" -o "Dir::State::status=$APT/status" -o "Dir::State::lists=$APT/lists"
        -o "Dir::Cache=$APT" -o "Dir::Cache::archives=$APT/archives"
        -o "APT::Sandbox::User=" -o "Debug::NoLocking=1" -o "Acquire::Retries=3" -o "APT::Get::List-Cleanup=0"
    )
    LOG="$CACHE/install.log"
    : > "$LOG"
    apt-get "${APT_OPTIONS[@]}" -q update >>"$LOG" 2>&1 || die "apt-get update failed, see $LOG"
}

DEBIAN_SUITES=(bullseye bookworm trixie forky sid oldstable stable testing unstable)

# Opens Debian's suites on any machine that has a source for Debian, or is told of one.
open_debian() {              # SUITE...
    local uri entry= key=
    if [ -n "${PAGEFERRY_DEBIAN_MIRROR:-}" ]; then
        uri=$PAGEFERRY_DEBIAN_MIRROR
        key=/usr/share/keyrings/debian-archive-keyring.gpg
        [ -e "$key" ] || die "needs Debian's keys: install the package 'debian-archive-keyring'"
    else
        read -r uri entry < <(source_of_the_machine "${DEBIAN_SUITES[@]}") \
            || die "needs a source for Debian in apt's configuration, or a mirror in PAGEFERRY_DEBIAN_MIRROR"
        key=$(key_of "$entry")
    fi
    open_apt "$uri" "$key" main "$@"
}

# Opens the machine's own release, for what runs with the machine's own C library.
open_own() {
    local uri entry release components=main
    release=$(release_of_the_machine)
    read -r uri entry < <(source_of_the_machine "$release") \
        || die "needs a source for '$release' in apt's configuration"
    ! is_ubuntu || components="main universe"
    open_apt "$uri" "$(key_of "$entry")" "$components" "$release"
}

close_apt() { rm -rf "$APT"; }

fetch() {                    # PACKAGE...: them and all that they need, down to the C library
    rm -f "$APT"/archives/*.deb
    apt-get "${APT_OPTIONS[@]}" -q -y --download-only --no-install-recommends install "$@" >>"$LOG" 2>&1 \
        || die "could not fetch $*, see $LOG"
}

fetch_source() {             # NAME=VERSION: what Debian's source of it is made of, or nothing and a failure
    rm -rf "$APT/source"
    mkdir "$APT/source"
    (cd "$APT/source" && apt-get "${APT_OPTIONS[@]}" -q --only-source --download-only source "$1" >>"$LOG" 2>&1)
}

unpack() {                   # FOLDER: all that was fetched
    local deb
    mkdir -p "$1"
    for deb in "$APT"/archives/*.deb; do
        dpkg-deb -x "$deb" "$1" >>"$LOG" 2>&1 || die "could not unpack $deb, see $LOG"
    done
}

unpack_beside_the_machines() { # FOLDER: the same without the C library, which is the machine's own
    rm -f "$APT"/archives/libc6_*.deb "$APT"/archives/libc-bin_*.deb
    unpack "$1"
}
