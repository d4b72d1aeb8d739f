# A root of Debian for scripts/test-package, which sources this: how it is made, entered, and booted. CACHE is the
# folder of what is kept, SUITE the release, WORK that of this run, GROUP its control group's name.

RECIPE=1                     # raise it when a root below has other contents: older caches are then made anew
CONTAINER=                   # the process that is systemd in the container

is_made() { [ "$(cat "$CACHE/$1.recipe" 2>/dev/null)" = "$RECIPE" ]; }

# The machine's mirror and apt's settings for fetching, such as a proxy: they are copied when a root is made.
make_root() {
    local uri key
    ! is_made "$SUITE" || return 0
    lock_cache
    ! is_made "$SUITE" || return 0
    command -v wget > /dev/null || die "needs wget, for debootstrap"
    say "making a root of Debian's $SUITE"
    open_debian "$SUITE"
    uri=$(sed -n 's/^URIs: //p' "$APT/sources/own.sources")
    key=$(sed -n 's/^Signed-By: //p' "$APT/sources/own.sources")
    key=${key:-/usr/share/keyrings/debian-archive-keyring.gpg}
    (cd "$APT/archives" && apt-get "${APT_OPTIONS[@]}" -q download debootstrap >> "$LOG" 2>&1) \
        || die "could not fetch debootstrap, see $LOG"
    rm -rf "$CACHE/debootstrap" "$CACHE/$SUITE" "$CACHE/$SUITE.part"
    unpack "$CACHE/debootstrap"
    http_proxy=${http_proxy:-$(apt-config shell proxy Acquire::http::Proxy | sed "s/^proxy='\(.*\)'$/\1/")} \
    DEBOOTSTRAP_DIR=$CACHE/debootstrap/usr/share/debootstrap \
        "$CACHE/debootstrap/usr/sbin/debootstrap" --variant=minbase --keyring="$key" --include=adduser,systemd-sysv \
        "$SUITE" "$CACHE/$SUITE.part" "$uri" >> "$LOG" 2>&1 || die "debootstrap failed, see $LOG"
    apt-config dump Acquire > "$CACHE/$SUITE.part/etc/apt/apt.conf.d/90machine"
    rm -rf "$CACHE/$SUITE.part"/var/cache/apt/archives/*.deb "$CACHE/debootstrap"
    mv "$CACHE/$SUITE.part" "$CACHE/$SUITE"
    echo "$RECIPE" > "$CACHE/$SUITE.recipe"
    close_apt
    exec 9>&-
}

enter_root() {               # ROOT: what a program in it must have
    mkdir -p "$1/proc" "$1/dev" "$1/tmp"
    mount -t proc proc "$1/proc"
    make_devices "$1/dev"
    mount --bind "${TMPDIR:-/tmp}" "$1/tmp"
}

leave_root() { umount -R "$1/proc" "$1/dev" "$1/tmp"; }

make_devices() {             # FOLDER: those that do nothing to the machine
    local name number
    mount -t tmpfs -o mode=755 tmpfs "$1"
    while read -r name number; do
        # shellcheck disable=SC2086 # two numbers
        mknod -m 666 "$1/$name" c $number
    done <<< $'null 1 3\nzero 1 5\nfull 1 7\nrandom 1 8\nurandom 1 9\ntty 5 0'
    ln -s /proc/self/fd "$1/fd"
    ln -s /proc/self/fd/0 "$1/stdin"
    ln -s /proc/self/fd/1 "$1/stdout"
    ln -s /proc/self/fd/2 "$1/stderr"
    mkdir "$1/pts" "$1/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/pts"
    ln -s pts/ptmx "$1/ptmx"
    mount -t tmpfs -o mode=1777 tmpfs "$1/shm"
}

program() {                  # NAME ROOT COMMAND...: puts a program that runs that in the root where tests look for it
    local name=$1
    shift
    printf '#!/bin/sh\nexec chroot%s "$@"\n' "$(printf ' %q' "$@")" > "$PAGEFERRY_INSTALLED/$name"
    chmod +x "$PAGEFERRY_INSTALLED/$name"
}

unpack_image() {             # ARCHIVE LAYOUT ROOT: as an engine does it
    local manifest layer
    mkdir "$2" "$3"
    tar -xf "$1" -C "$2"
    manifest=$(digests_in "$2/index.json" | head -n 1)
    for layer in $(digests_in "$2/blobs/sha256/$manifest" | tail -n +2); do
        tar --numeric-owner -xf "$2/blobs/sha256/$layer" -C "$3"
    done
}

digests_in() { grep -o '"digest": *"sha256:[0-9a-f]*"' "$1" | sed 's/.*sha256:\(.*\)"/\1/'; }

program_of_image() {         # NAME ROOT LAYOUT: its entry point, with the flag that no launcher is there to add
    local manifest config words
    manifest=$(digests_in "$3/index.json" | head -n 1)
    config=$3/blobs/sha256/$(digests_in "$3/blobs/sha256/$manifest" | head -n 1)
    mapfile -t words < <(sed -n 's/.*"Entrypoint": \[\(.*\)\].*/\1/p' "$config" | grep -o '"[^"]*"' | tr -d '"')
    program "$1" "$2" "${words[0]}" -XX:AOTMode=on "${words[@]:1}"
}

# Boots the root in namespaces of its own, with its own network, and waits until all is started. Fails where it cannot.
boot() {                     # ROOT
    local state=
    mkdir "$WORK/cgroup"
    mount -t cgroup2 cgroup2 "$WORK/cgroup" 2> "$WORK/boot.log" || return 1
    mkdir "$WORK/cgroup/$GROUP"
    (
        echo 0 > "$WORK/cgroup/$GROUP/cgroup.procs"
        exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child bash -c \
            '. scripts/package-root.sh; become_system "$0" "$1"' "$1" "$WORK" > "$WORK/boot.log" 2>&1 < /dev/null
    ) &
    BOOTED=$!
    for _ in {1..300}; do
        kill -0 "$BOOTED" 2>/dev/null || return 1
        CONTAINER=$(tr -d ' ' < "/proc/$BOOTED/task/$BOOTED/children")
        if [ -n "$CONTAINER" ] && [ "$(cat "/proc/$CONTAINER/comm" 2>/dev/null)" = systemd ]; then
            state=$(in_system systemctl is-system-running 2>&1 || true)
            [ "$state" != running ] || return 0
            [ "$state" != degraded ] || break
        fi
        sleep 0.2
    done
    { echo "state: $state"; in_system systemctl --failed --no-legend; } >> "$WORK/boot.log" 2>&1
    CONTAINER=
    return 1
}

become_system() {            # ROOT WORK: in the new namespaces
    local settings
    set -e
    mount --make-rprivate /
    umount "$2/cgroup"
    umount -R "$1/proc" "$1/dev" "$1/tmp"
    mount --bind "$1" "$1"
    cd "$1"
    mount -t proc proc proc
    # What it would set is the machine's.
    for settings in proc/sys proc/sysrq-trigger; do
        [ -e "$settings" ] || continue
        mount --bind "$settings" "$settings"
        mount -o remount,bind,ro "$settings"
    done
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    make_devices dev
    mount -t tmpfs -o mode=755 tmpfs run
    ip link set lo up 2>/dev/null || ifconfig lo up
    pivot_root . mnt
    cd /
    umount -l /mnt
    exec env -i container=pageferry PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-syslog /lib/systemd/systemd --system
}

in_system() { nsenter --target "$CONTAINER" --all -- env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

power_off() {
    in_system systemctl poweroff > /dev/null 2>&1 || true
    for _ in {1..150}; do
        kill -0 "$BOOTED" 2>/dev/null || return 0
        sleep 0.2
    done
    die "the system must go down within 30 s"
}

remove_cgroup() {            # WORK GROUP: when all in it has ended
    unshare --mount sh -c 'mkdir -p "$0/cgroup" && mount -t cgroup2 cgroup2 "$0/cgroup" \
        && [ -d "$0/cgroup/$1" ] && find "$0/cgroup/$1" -depth -type d -exec rmdir {} \;' "$1" "$2" 2>/dev/null || true
}

service() { in_system systemctl show --value --property "$1" pageferry.service; }

fail_service() { in_system journalctl --no-pager --unit pageferry.service >&2 || true; die "$*"; }

require_state() {            # active, or inactive
    [ "$(service ActiveState)" = "$1" ] || fail_service "the service must be $1, and is $(service ActiveState)"
}

require_service() {          # it was enabled, and so has started with the system; then with its cache or not at all
    require_state active
    in_system mkdir -p /run/systemd/system/pageferry.service.d
    printf '[Service]\nEnvironment=PAGEFERRY_JAVA_OPTIONS=-XX:AOTMode=on\n' \
        | in_system tee /run/systemd/system/pageferry.service.d/cache.conf > /dev/null
    in_system systemctl daemon-reload
    in_system systemctl restart pageferry.service || fail_service "the service must start with its cache"
    require_state active
    in_system systemd-analyze verify /lib/systemd/system/pageferry.service || die "systemd must find no fault in the unit"
    in_system systemd-analyze security --threshold=20 --no-pager pageferry.service > "$WORK/security" \
        || { cat "$WORK/security" >&2; die "the service must be exposed by 2.0 at the most"; }
    say "$(tail -n 1 "$WORK/security" | tr -d '→' | sed 's/^ *//')"

    printf '#!/bin/sh\nexec nsenter --target %s --net -- "$@"\n' "$CONTAINER" > "$WORK/beside"
    printf '#!/bin/sh\nexec nsenter --target %s --all -- setpriv %s -- /usr/bin/pageferry "$@"\n' "$CONTAINER" \
        "--reuid pageferry --regid pageferry --init-groups" > "$WORK/as-service"
    chmod +x "$WORK/beside" "$WORK/as-service"
    export PAGEFERRY_BESIDE_SERVICE=$WORK/beside PAGEFERRY_AS_SERVICE=$WORK/as-service
}

images() { in_system find /var/lib/pageferry -name '*.img' -user pageferry -perm 600; }

require_life_of_service() {  # DEB: after a guest has come in
    local before kept
    kept=$(images)
    [ -n "$kept" ] || die "the store must have the guest's image, for the service's user alone"

    before=$(service MainPID)
    in_system systemctl reload pageferry.service || fail_service "the service must reload"
    sleep 1                  # a process that the signal ended would be gone by now
    require_state active
    [ "$(service MainPID)" = "$before" ] || fail_service "reloading must leave the service running"

    in_system systemctl stop pageferry.service
    require_state inactive
    [ "$(service Result)" = success ] || fail_service "the service must end orderly, and it was $(service Result)"

    # Installed again, it runs again, as after an update.
    in_system sh -c 'apt-get -qq --reinstall install /var/tmp/pageferry_*.deb' < /dev/null > "$WORK/apt.log" 2>&1 \
        || { cat "$WORK/apt.log" >&2; die "apt must install the package again"; }
    require_state active
    [ "$(images)" = "$kept" ] || die "an update must leave images alone"

    in_system apt-get -qq remove pageferry > "$WORK/apt.log" 2>&1 || die "apt must remove the package"
    require_state inactive
    in_system test -e /etc/pageferry/serve.json || die "removing the package must leave its configuration"
    in_system apt-get -qq purge pageferry > "$WORK/apt.log" 2>&1 || die "apt must purge the package"
    ! in_system test -e /etc/pageferry || die "purging must take the configuration away"
    ! in_system test -e /usr/lib/pageferry || die "purging must take the program away"
    [ -z "$(in_system find /etc/systemd /var/lib/systemd/deb-systemd-helper-enabled -name 'pageferry*' 2>/dev/null)" ] \
        || die "purging must leave nothing of the service's in systemd"
    [ "$(images)" = "$kept" ] || die "purging must leave images alone"
    grep -q '/var/lib/pageferry' "$WORK/apt.log" || die "purging must say that images stay: $(cat "$WORK/apt.log")"

    in_system sh -c 'apt-get -qq install /var/tmp/pageferry_*.deb' < /dev/null > "$WORK/apt.log" 2>&1 \
        || { cat "$WORK/apt.log" >&2; die "apt must install the package on a running system"; }
    require_state active
    [ "$(images)" = "$kept" ] || die "a new service must leave the old one's images alone"
}
