package io.pageferry.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pageferry.testing.GoldenImage;
import io.pageferry.testing.PageferryProcess;
import io.pageferry.testing.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code verify} on an image of QEMU 10.0, whole and cut. */
@Timeout(120)
class VerifyIT {
    @TempDir
    Path folder;

    @Test
    void shouldSayThatAnImageIsWhole() throws Exception {
        GoldenImage.write(folder.resolve("golden.img"));
        assertEquals("""
                image          golden.img, whole
                pages          121 present, 484 KiB
                device state   74.89 KiB, 29 devices
                """, verify("golden.img").completed().stdout());
        JsonNode json = verify("golden.img", "--json").completed().json();
        assertEquals("completed", json.get("status").asString());
        assertEquals(121, json.get("present").asInt());
    }

    @Test
    void shouldSayWhereAnImageIsDamaged() throws Exception {
        byte[] bytes = GoldenImage.bytes();
        Files.write(folder.resolve("cut.img"), Arrays.copyOf(bytes, bytes.length - 1));
        assertTrue(verify("cut.img").failed(1).startsWith("pageferry: verify: stream must end with its vmdescription"));
    }

    private Result verify(Object... arguments) throws Exception {
        Object[] all = new Object[arguments.length + 1];
        all[0] = "verify";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return PageferryProcess.in(folder).run(all);
    }
}
