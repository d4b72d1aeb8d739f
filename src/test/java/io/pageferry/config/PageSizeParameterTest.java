package io.pageferry.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalInt;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PageSizeParameterTest {
    @ParameterizedTest
    @ValueSource(ints = {1024, 4096, 65536})
    void shouldTakePageSizeThatAGuestCanHave(int pageSize) {
        assertEquals(
                OptionalInt.of(pageSize),
                MigrationParameters.builder().pageSize(pageSize).build().pageSize());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 512, 5000, 131072, -4096})
    void shouldRefusePageSizeThatNoGuestHas(int pageSize) {
        MigrationParameters.Builder builder = MigrationParameters.builder().pageSize(pageSize);
        assertEquals(
                "page-size must be a power of two from 1k to 64k: value=" + pageSize,
                assertThrows(ConfigException.class, builder::build).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveCapabilityWhenItIsOnAndOnlyThen(MigrationCapability capability) {
        assertEquals(
                true, MigrationParameters.builder().enable(capability).build().has(capability));
        boolean byDefault = capability == MigrationCapability.MULTIFD;
        assertEquals(byDefault, MigrationParameters.defaults().has(capability));
    }
}
