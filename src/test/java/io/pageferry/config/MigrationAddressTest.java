package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JSON of QEMU's {@code migrate} and {@code migrate-incoming}, which its documentation has examples of. */
@Timeout(30)
class MigrationAddressTest {
    private static final String INET = "{'transport': 'socket', 'type': 'inet', 'host': '10.12.34.9', 'port': '1050'}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'channel-type': 'main', 'addr': " + INET + "}] | tcp:10.12.34.9:1050",
                "{'channel-type': 'main', 'addr': " + INET + "} | tcp:10.12.34.9:1050",
                INET + " | tcp:10.12.34.9:1050",
                "{'transport': 'socket', 'type': 'inet', 'host': '::1', 'port': '0'} | tcp:[::1]:0",
                "{'transport': 'socket', 'type': 'inet', 'host': '', 'port': '1'} | tcp::1",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'to': 9, 'ipv4': true,"
                        + " 'ipv6': false, 'keep-alive': true, 'mptcp': false}"
                        + " | tcp:h:1,to=9,ipv4=on,ipv6=off,keep-alive=on",
                "{'transport': 'socket', 'type': 'unix', 'path': '/tmp/a,b'} | unix:/tmp/a,b",
                "{'transport': 'file', 'filename': '/tmp/image', 'offset': 0} | file:/tmp/image",
                "{'transport': 'file', 'filename': '/tmp/image', 'offset': 4096} | file:/tmp/image,offset=4096"
            })
    void shouldReadWhatQemuTakes(String json, String uri) {
        assertEquals(uri, MigrationUri.parse(json.replace('\'', '"')).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'transport': | migration address must be whole JSON: reason=",
                "[] | migration must have one channel in its list, the main one: channels=0 ",
                "[" + INET + ", " + INET + "] | migration must have one channel in its list, the main one: channels=2 ",
                "{'channel-type': 'cpr', 'addr': " + INET + "} | channel-type must be one of main: channel-type=cpr",
                "{'channel-type': 'main'} | channel must have the member addr: value=",
                "{'addr': " + INET + "} | channel must have the member channel-type: value=",
                "{} | address must have the member transport: value={}",
                "{'transport': 'exec', 'args': ['cat']} | transport must be socket or file, exec would run a command,",
                "{'transport': 'rdma', 'host': 'h', 'port': '1'} | transport must be socket or file, rdma needs ",
                "{'transport': 'avian'} | transport must be one of socket, file: transport=avian",
                "{'transport': 'socket', 'type': 'vsock', 'cid': '1', 'port': '1'} | type must be inet or unix, vsock"
                        + " needs sockets that Java does not have: use tcp or unix, with socat between: type=vsock",
                "{'transport': 'socket', 'type': 'fd', 'str': '3'} | type must be inet or unix, fd is one connection,",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'to': '2'} | inet address's to must"
                        + " be a number: to=",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'to': 0} | to must be the last port",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'ipv4': 'on'} | inet address's ipv4"
                        + " must be true or false: ipv4=",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'mptcp': true} | mptcp must be off,",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': 1} | inet address's port must be a"
                        + " string: port=1",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '65536'} | port must be 0 to 65535:"
                        + " value={",
                "{'transport': 'socket', 'type': 'inet', 'host': 'h', 'port': '1', 'numeric': true} | inet address must"
                        + " have known members only: member=numeric",
                "{'transport': 'socket', 'type': 'unix', 'path': ''} | unix address's path must be a string: path=\"\"",
                "{'transport': 'socket', 'type': 'unix', 'path': '/a', 'abstract': true} | unix address must have"
                        + " known members only: member=abstract",
                "{'transport': 'file', 'filename': 'f'} | file address must have the member offset: value=",
                "{'transport': 'file', 'filename': 'f', 'offset': -1} | file address's offset must be a number of"
                        + " bytes: offset=-1",
                "{'transport': 'file', 'filename': 'f', 'offset': '1'} | file address's offset must be a number of"
                        + " bytes: offset=\"1\""
            })
    void shouldRefuseWhatIsNotTakenHere(String json, String line) {
        String message = assertThrows(ConfigException.class, () -> MigrationUri.parse(json.replace('\'', '"')))
                .getMessage();

        assertTrue(message.startsWith(line), message);
    }
}
