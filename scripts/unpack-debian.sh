# Debian packages, unpacked into a folder of the cache: nothing is installed on the system, and no root is needed; they
# are fetched with the machine's own mirror and keys. Sourced by scripts/install-*, which set CACHE, the folder, and
# have die, which says why it cannot be.

lock_cache() {               # makes the folder; whoever else works on it is waited for
    local tool
    for tool in apt-get apt-cache dpkg dpkg-deb flock; do
        command -v "$tool" >/dev/null || die "needs '$tool': the packages come from Debian 12 (bookworm)"
    done
    . /etc/os-release
    [ "${VERSION_CODENAME:-}" = bookworm ] || die "needs Debian 12 (bookworm), this is ${PRETTY_NAME:-unknown}"
    [ "$(dpkg --print-architecture)" = amd64 ] || die "needs an amd64 machine"

    mkdir -p "$CACHE"
    exec 9>"$CACHE/.lock"
    flock -w 900 9 || die "another run has held $CACHE/.lock for 15 minutes"
}

mirror_of_the_machine() {    # prints "URI SIGNED-BY" of the entry that serves bookworm's main component
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk -F': *' 'BEGIN { RS = "" ; FS = "\n" }
            { uri = ""; key = "-"; hit = 0
              for (i = 1; i <= NF; i++) {
                  if ($i ~ /^URIs:/)      { sub(/^URIs: */, "", $i); split($i, part, " "); uri = part[1] }
                  if ($i ~ /^Signed-By:/) { sub(/^Signed-By: */, "", $i); key = $i }
                  if ($i ~ /^Suites:.*( |:)bookworm( |$)/) hit = 1 }
              if (hit && uri != "") { print uri, key; exit } }' "$file"
    done
    [ -f /etc/apt/sources.list ] \
        && awk '$1 == "deb" { for (i = 2; i < NF; i++) if ($i == "bookworm") { print $(i-1), "-"; exit } }' \
            /etc/apt/sources.list
    return 0
}

open_suites() {              # SUITE...: an apt of our own, with the machine's mirror and keys and its files in the cache
    local mirror key
    APT="$CACHE/.apt"
    rm -rf "$APT"
    mkdir -p "$APT/lists/partial" "$APT/archives/partial" "$APT/sources"
    read -r mirror key < <(mirror_of_the_machine) || die "no apt source for bookworm found under /etc/apt"
    {
        echo "Types: deb"
        echo "URIs: $mirror"
        echo "Suites: $*"
        echo "Components: main"
        [ "$key" = - ] || echo "Signed-By: $key"
    } > "$APT/sources/debian.sources"

    APT_OPTIONS=(
        -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$APT/sources" -o "Dir::Etc::preferences=/dev/null"
        -o "Dir::Etc::preferencesparts=/dev/null"
        -o "Dir::State::lists=$APT/lists" -o "Dir::Cache=$APT" -o "Dir::Cache::archives=$APT/archives"
        -o "APT::Sandbox::User=" -o "Debug::NoLocking=1" -o "Acquire::Retries=3" -o "APT::Get::List-Cleanup=0"
    )
    LOG="$CACHE/install.log"
    : > "$LOG"
    apt-get "${APT_OPTIONS[@]}" -q update >>"$LOG" 2>&1 || die "apt-get update failed, see $LOG"
}

open_apt() { open_suites bookworm bookworm-updates bookworm-backports; }

open_foreign_apt() {         # SUITE, of another release: its packages come with all they need, down to the C library
    open_suites "$1"
    : > "$APT/status"
    APT_OPTIONS+=(-o "Dir::State::status=$APT/status") # nothing is installed
}

close_apt() { rm -rf "$APT"; }

fetch_and_unpack() {         # FOLDER SUITE PACKAGE...: the packages, and what they need and is not installed
    local folder="$1" suite="$2" deb
    shift 2
    rm -f "$APT"/archives/*.deb
    apt-get "${APT_OPTIONS[@]}" -q -y --download-only --reinstall --no-install-recommends -t "$suite" install "$@" \
        >>"$LOG" 2>&1 || die "could not fetch $*, see $LOG"
    mkdir -p "$folder"
    for deb in "$APT"/archives/*.deb; do
        dpkg-deb -x "$deb" "$folder" >>"$LOG" 2>&1 || die "could not unpack $deb, see $LOG"
    done
}
