package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class MigrationUriTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp:127.0.0.1:4444",
                "tcp:localhost:0",
                "tcp::4444",
                "tcp:[::1]:65535",
                "tcp:0:4444",
                "tcp::0,ipv4=on",
                "tcp:there:4444,to=4450,ipv4=off,ipv6=on,keep-alive=on",
                "unix:/run/pageferry.sock",
                "unix:relative",
                "file:/images/guest",
                "file:guest,offset=65536"
            })
    void shouldWriteUriAsItWasRead(String text) {
        assertEquals(text, MigrationUri.parse(text).toString());
    }

    @Test
    void shouldReadOffsetWithSuffix() {
        assertEquals(new MigrationUri.ImageFile(Path.of("guest"), 1 << 20), MigrationUri.parse("file:guest,offset=1M"));
    }

    @ParameterizedTest
    @CsvSource({"file:guest,offset=0x100000", "file:guest,offset=1024k"})
    void shouldReadOffsetsAsQemuDoes(String path, String offset) {
        assertEquals(new MigrationUri.ImageFile(Path.of("guest"), 1 << 20), MigrationUri.parse(path + "," + offset));
    }

    /** A flag without a value is on. */
    @ParameterizedTest
    @CsvSource({
        "'', true, true",
        "',ipv4', true, false",
        "',ipv4=on', true, false",
        "',ipv4=off', false, true",
        "',ipv6', false, true",
        "',ipv6=off', true, false",
        "',ipv4,ipv6', true, true",
        "',ipv4=on,ipv6=off', true, false",
        "',ipv4=off,ipv6=on', false, true"
    })
    void shouldWantTheKindsOfAddressesThatQemuTakes(String options, boolean ipv4, boolean ipv6) {
        InetOptions read = ((MigrationUri.Tcp) MigrationUri.parse("tcp:there:1" + options)).options();
        assertEquals(ipv4, read.wantsIpv4());
        assertEquals(ipv6, read.wantsIpv6());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                      | URI must not be empty, it is tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]
            '  '                    | URI must not be empty, it is tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]
            ' tcp:there:1'          | URI must have no spaces around it: value=" tcp:there:1"
            -d tcp:there:1          | URI must stand without options of QEMU's migrate, such as -d:\
             value=-d tcp:there:1
            there:1                 | *: value=there:1 meant=tcp:there:1
            [::1]:1                 | *: value=[::1]:1 meant=tcp:[::1]:1
            /images/guest           | *: value=/images/guest meant="unix:/images/guest or file:/images/guest"
            there                   | *: value=there
            http://there:1          | *: value=http://there:1
            TCP:there:1             | URI's scheme must be in lower case: value=TCP:there:1 meant=tcp:there:1
            tcp://there:1           | tcp URI must have no slashes: value=tcp://there:1 meant=tcp:there:1
            tcp:4444                | tcp URI must have a host before its port, or an empty one:\
             value=tcp:4444 meant=tcp::4444
            """)
    void shouldSayWhatWasMeantWhenItIsATypingError(String text, String line) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MigrationUri.parse(text));
        assertEquals(
                line.replaceFirst("^\\*", "URI must be tcp:HOST:PORT, unix:PATH or file:PATH[,offset=N]"),
                refusal.getMessage());
    }

    /** Each says which part there is not, and what to do instead. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exec:cat > guest        | exec would run a command, which pageferry never does: QEMU's exec can run\
             convert with stream:-
            fd:3                    | fd is one connection, and multifd needs several: use tcp or unix, or socket\
             activation for serve
            vsock:2:4444            | vsock needs sockets that Java does not have: use tcp or unix, with socat between
            rdma:there:4444         | rdma needs what Java does not have: use tcp
            """)
    void shouldSayWhyWhenOnlyQemuHasIt(String text, String reason) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MigrationUri.parse(text));
        assertEquals("URI must be tcp, unix or file, " + reason + ": value=" + text, refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mptcp           | mptcp must be off, Java has no sockets for it: value=
            mptcp=on        | mptcp must be off, Java has no sockets for it: value=
            ipv4=maybe      | ipv4 must be on or off: value=
            ipv6=           | ipv6 must be on or off: value=
            to=             | port must be 0 to 65535: value=
            to=65536        | port must be 0 to 65535: value=
            to=4443         | to must be the last port to try, not one before the first: value=
            ipv4,ipv4       | tcp URI's option must stand there once: option=ipv4 value=
            server          | *: option=server value=
            ''              | *: option= value=
            """)
    void shouldRefuseAnOptionWhenItIsUnknownOrWrong(String option, String line) {
        String text = "tcp:there:4444," + option;
        ConfigException refusal = assertThrows(ConfigException.class, () -> MigrationUri.parse(text));
        String rule = "tcp URI's options must be to=PORT, ipv4=on|off, ipv6=on|off or keep-alive=on|off";
        assertEquals(line.replace("*", rule) + text, refusal.getMessage());
    }

    @Test
    void shouldRefuseBothKindsOff() {
        assertEquals(
                "one of ipv4 and ipv6 must be on: ipv4=off ipv6=off",
                assertThrows(ConfigException.class, () -> MigrationUri.parse("tcp:there:1,ipv4=off,ipv6=off"))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tcp:                     | tcp URI must name a port, tcp:HOST:PORT
            tcp:there                | tcp URI must name a port, tcp:HOST:PORT
            tcp:there,ipv4           | tcp URI must name a port, tcp:HOST:PORT
            tcp:[::1]                | tcp URI must name a port, tcp:HOST:PORT
            tcp:the re:1             | host must be a name or an address
            tcp:user@there:1         | host must be a name or an address
            tcp:there:1/             | port must be 0 to 65535
            tcp:::1:4444             | an IPv6 address must stand in brackets, tcp:[ADDRESS]:PORT
            tcp:there:               | port must be 0 to 65535
            tcp:there:65536          | port must be 0 to 65535
            tcp:there:-1             | port must be 0 to 65535
            unix:                    | unix URI must name a path
            file:                    | file URI must name a path
            file:,offset=1           | file URI must name a path
            """)
    void shouldRefuseWhatIsNoUri(String text, String rule) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MigrationUri.parse(text));
        assertEquals(rule + ": value=" + text, refusal.getMessage());
    }

    @Test
    void shouldRefuseOffsetWhenItIsNoSize() {
        assertThrows(ConfigException.class, () -> MigrationUri.parse("file:guest,offset=far"));
    }
}
