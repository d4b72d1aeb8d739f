package io.pageferry.qemu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of a class run real QEMUs. Where those are missing the class is skipped and says how to install them, or
 * fails, where the environment has {@code PAGEFERRY_REQUIRE_QEMU=1}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RealQemuExtension.class)
public @interface RealQemu {
    /**
     * Whether they run the one with the codecs of accelerators, and no other: {@code scripts/test-codecs} builds it,
     * and has {@code PAGEFERRY_REQUIRE_QEMU_CODECS=1}.
     */
    boolean withCodecs() default false;
}
