package io.pageferry.qemu;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.provider.EnumSource;

/** The test runs once with each of {@link QemuVersion#OF_MATRIX}, its only argument. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@EnumSource(
        value = QemuVersion.class,
        names = {"V7_2", "V10_0"})
@interface EachQemu {}
