package io.pageferry.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who does TLS with certificates in the tests of the class. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(TlsChoice.class)
public @interface TlsBy {
    /** The JDK. */
    String JSSE = "jsse";

    String BORINGSSL = "boringssl";

    /** {@link #JSSE} or {@link #BORINGSSL}. */
    String value();
}
