# Folders of the cache that hold a QEMU each, as bin/qemu-system-…: unpacked or built, with all its libraries, down to
# the C library, and their own loader, so that it does not matter what is installed on the machine. Sourced by
# scripts/install-qemu…, after unpack-debian.sh.

version_of() { "$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'; } # COMMAND

begin() {                    # FOLDER
    rm -rf "$1" "$1.part"
    mkdir -p "$1.part/bin"
}

finish() {                   # FOLDER RECIPE: what is in FOLDER.part is whole
    echo "$2" > "$1.part/.recipe"
    mv "$1.part" "$1"
}

wrap() {                     # FOLDER NAME: a command that runs the QEMU of that name with all that lies beside it
    cat > "$1/bin/$2" <<WRAPPER
#!/bin/sh
here=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
libraries="\$here/usr/lib/x86_64-linux-gnu"
QEMU_MODULE_DIR="\$libraries/qemu"
export QEMU_MODULE_DIR
for loader in "\$libraries" "\$here/lib/x86_64-linux-gnu"; do
    [ ! -e "\$loader/ld-linux-x86-64.so.2" ] || break
done
exec "\$loader/ld-linux-x86-64.so.2" --library-path "\$libraries:\$here/lib/x86_64-linux-gnu" "\$here/usr/bin/$2" \\
    -L "\$here/usr/share/qemu" -L "\$here/usr/share/seabios" -L "\$here/usr/lib/ipxe/qemu" "\$@"
WRAPPER
    chmod +x "$1/bin/$2"
}
