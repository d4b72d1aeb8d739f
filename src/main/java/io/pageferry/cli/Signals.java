package io.pageferry.cli;

import io.pageferry.supervision.Faults;
import io.pageferry.supervision.Faults.Place;
import java.lang.reflect.Proxy;

/**
 * Signals that do something else than ending the process. The JDK's way is a class that its compiler warns of wherever
 * it is named, so it is reached by name.
 */
final class Signals {
    private Signals() {}

    /**
     * Has a signal run something, on a thread of its own.
     *
     * @param name without SIG
     */
    static void handle(String name, Runnable handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                Faults.contain(Place.SIGNAL, "SIG" + name, handler::run);
                                yield null;
                            }
                            case "equals" -> self == arguments[0];
                            case "hashCode" -> System.identityHashCode(self);
                            default -> "handler of SIG" + name;
                        };
                    });
            signal.getMethod("handle", signal, handlerType)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JDK must let signals be handled: signal=" + name, e);
        }
    }
}
