package dev.laconic.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Everything an expression can be. Values do not change, apart from streams, namespaces and a few callables. */
sealed interface Value {

    /** A name, attribute or item that is not there: prints as nothing, counts as false, fails at most other uses. */
    record Undefined(String why) implements Value {}

    enum None implements Value {
        NONE
    }

    record Bool(boolean value) implements Value {
        static final Bool TRUE = new Bool(true);
        static final Bool FALSE = new Bool(false);

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    record Int(long value) implements Value {}

    record Real(double value) implements Value {}

    /**
     * @param safe whether the text went through the {@code safe} or {@code escape} filter: text added to it is escaped
     */
    record Str(String text, boolean safe) implements Value {
        static final Str EMPTY = of("");

        static Str of(String text) {
            return new Str(text, false);
        }
    }

    /** Values in order that have a length and can be indexed. */
    sealed interface Sequence extends Value {
        int size();

        Value get(int index);

        /** The same kind of sequence with these of its elements. */
        Sequence slice(int start, int count, int step);
    }

    record Listing(List<Value> items) implements Sequence {
        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Value get(int index) {
            return items.get(index);
        }

        @Override
        public Listing slice(int start, int count, int step) {
            return new Listing(pick(items, start, count, step));
        }
    }

    /** @param names of the elements, where they have any */
    record Tuple(List<Value> items, List<String> names) implements Sequence {
        static Tuple of(Value... items) {
            return new Tuple(List.of(items));
        }

        Tuple(List<Value> items) {
            this(items, List.of());
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Value get(int index) {
            return items.get(index);
        }

        @Override
        public Tuple slice(int start, int count, int step) {
            return new Tuple(pick(items, start, count, step));
        }
    }

    /** The numbers from {@code start} by {@code step}. */
    record Range(long start, long stop, long step, int size) implements Sequence {
        @Override
        public Int get(int index) {
            return new Int(start + index * step);
        }

        @Override
        public Range slice(int from, int count, int by) {
            return new Range(start + from * step, start + (from + (long) count * by) * step, step * by, count);
        }
    }

    private static List<Value> pick(List<Value> items, int start, int count, int step) {
        List<Value> picked = new ArrayList<>(count);
        for (int i = 0; i < count; i++) picked.add(items.get(start + i * step));
        return picked;
    }

    record Dict(SequencedMap<Key, Value> entries) implements Value {
        static Dict empty() {
            return new Dict(new LinkedHashMap<>());
        }

        Optional<Value> get(String key) {
            return Optional.ofNullable(entries.get(new Key(key, None.NONE)));
        }

        void put(String key, Value value) {
            entries.put(new Key(key, Str.of(key)), value);
        }

        List<Value> keys() {
            List<Value> keys = new ArrayList<>(entries.size());
            for (Key key : entries.keySet()) keys.add(key.value());
            return keys;
        }

        List<Value> items() {
            List<Value> items = new ArrayList<>(entries.size());
            entries.forEach((key, value) -> items.add(Tuple.of(key.value(), value)));
            return items;
        }
    }

    /**
     * A key of a mapping. Keys are equal as Python has it: text by its characters, numbers and booleans by their size.
     *
     * @param identity a String, Long, Double, None, or the class of what is undefined
     * @param value the key as it was first written
     */
    record Key(Object identity, Value value) {
        /** The key this value makes, unless it is one that cannot be a key. */
        static Optional<Key> of(Value value) {
            return switch (value) {
                case Str s -> Optional.of(new Key(s.text(), s));
                case Int i -> Optional.of(new Key(i.value(), i));
                case Bool b -> Optional.of(new Key(b.value() ? 1L : 0L, b));
                case Real r when r.value() == Math.rint(r.value()) && Math.abs(r.value()) < 0x1p62 ->
                    Optional.of(new Key((long) r.value(), r));
                case Real r -> Optional.of(new Key(r.value(), r));
                case None n -> Optional.of(new Key(n, n));
                case Undefined u -> Optional.of(new Key(Undefined.class, u));
                default -> Optional.empty();
            };
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && identity.equals(key.identity);
        }

        @Override
        public int hashCode() {
            return identity.hashCode();
        }
    }

    /**
     * What a mapping's keys(), values() and items() give: iterable, with a length, but without indices.
     *
     * @param kind "dict_keys", "dict_values" or "dict_items"
     */
    record View(String kind, List<Value> items) implements Value {}

    /** What lazy filters give: values that can be gone through once. */
    final class Stream implements Value {
        private final String kind;
        private final List<Value> items;
        private int next;

        /** @param kind what Python calls it */
        Stream(String kind, List<Value> items) {
            this.kind = kind;
            this.items = items;
        }

        static Stream generator(List<Value> items) {
            return new Stream("generator", items);
        }

        String kind() {
            return kind;
        }

        Optional<Value> next() {
            return next < items.size() ? Optional.of(items.get(next++)) : Optional.empty();
        }

        List<Value> rest() {
            List<Value> rest = items.subList(next, items.size());
            next = items.size();
            return rest;
        }
    }

    /** The one thing a template can change after it is made. */
    record Namespace(SequencedMap<String, Value> attributes) implements Value {}

    /** Something that can be called: a macro, a method, a global function. */
    non-sealed interface Callable extends Value {
        Value call(Interpreter in, Arguments arguments);

        /** What the template calls it. */
        String name();

        default Optional<Value> attribute(Interpreter in, String name) {
            return Optional.empty();
        }
    }

    /** A callable without attributes. */
    record Function(String name, Body body) implements Callable {
        @FunctionalInterface
        interface Body {
            Value call(Interpreter in, Arguments arguments);
        }

        @Override
        public Value call(Interpreter in, Arguments arguments) {
            return body.call(in, arguments);
        }
    }
}
