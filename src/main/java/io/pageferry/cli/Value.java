package io.pageferry.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What the command line has for an option or a parameter, from the moment when it has been read. Belongs to the
 * command's thread.
 *
 * @param <T> its type
 */
final class Value<T> {
    private final Class<?> type;
    private final Class<?>[] elementTypes;
    private T value;
    private boolean optional;

    private Value(T unset, Class<?> type, Class<?>... elementTypes) {
        this.type = type;
        this.elementTypes = elementTypes;
        this.value = unset;
    }

    /** Null where it is not given and has no default. */
    static <T> Value<T> of(Class<T> type) {
        return of(type, null);
    }

    /** One that has a value where it is not given, which help does not tell. */
    static <T> Value<T> of(Class<T> type, T unset) {
        return new Value<>(unset, type);
    }

    /** The same, for a parameter that need not be given, and is null then. */
    Value<T> orNone() {
        optional = true;
        return this;
    }

    /** Whether an option is there that takes no value. */
    static Value<Boolean> flag() {
        return new Value<>(false, boolean.class);
    }

    /** Of what may be given again; empty where it is not given. */
    static <E> Value<List<E>> ofList(Class<E> type) {
        return new Value<>(List.of(), List.class, type);
    }

    /** Of pairs with an equals sign, which may be given again; empty where none is given. */
    static <K, V> Value<Map<K, V>> ofMap(Class<K> key, Class<V> value) {
        return new Value<>(Map.of(), Map.class, key, value);
    }

    /** Makes the option that has this value. */
    OptionSpec of(OptionSpec.Builder option) {
        Binding binding = new Binding();
        return option.type(type)
                .auxiliaryTypes(elementTypes)
                .getter(binding)
                .setter(binding)
                .initialValue(value)
                .build();
    }

    /** Makes the parameter that has this value; it must be given where there is none otherwise, unless it need not. */
    PositionalParamSpec of(PositionalParamSpec.Builder parameter) {
        Binding binding = new Binding();
        return parameter
                .type(type)
                .auxiliaryTypes(elementTypes)
                .getter(binding)
                .setter(binding)
                .initialValue(value)
                .required(value == null && !optional)
                .build();
    }

    T get() {
        return value;
    }

    /** How picocli gets at it. */
    private final class Binding implements IGetter, ISetter {
        @Override
        @SuppressWarnings("unchecked")
        public <V> V get() {
            return (V) value;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <V> V set(V next) {
            V before = (V) value;
            value = (T) next;
            return before;
        }
    }
}
