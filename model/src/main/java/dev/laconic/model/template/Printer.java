package dev.laconic.model.template;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Values as Python prints them. */
final class Printer {
    private final Interpreter in;
    private final StringBuilder out = new StringBuilder();

    private Printer(Interpreter in) {
        this.in = in;
    }

    /** What {@code str} gives. */
    static String text(Interpreter in, Value value) {
        return switch (value) {
            case Value.Str s -> s.text();
            case Value.Undefined u -> "";
            default -> literal(in, value);
        };
    }

    /** What {@code repr} gives. */
    static String literal(Interpreter in, Value value) {
        Printer printer = new Printer(in);
        printer.print(value);
        return printer.out.toString();
    }

    private void print(Value value) {
        in.enter();
        in.work(32);
        switch (value) {
            case Value.Undefined u -> out.append("Undefined");
            case Value.None n -> out.append("None");
            case Value.Bool b -> out.append(b.value() ? "True" : "False");
            case Value.Int i -> out.append(i.value());
            case Value.Real r -> out.append(Numbers.text(r.value()));
            case Value.Str s -> {
                in.work(s.text().length());
                out.append(s.safe() ? "Markup(" + Text.quote(s.text()) + ")" : Text.quote(s.text()));
            }
            case Value.Listing l -> print("[", l.items(), "]");
            case Value.Tuple t -> print("(", t.items(), t.size() == 1 ? ",)" : ")");
            case Value.Range r -> {
                out.append("range(").append(r.start()).append(", ").append(r.stop());
                out.append(r.step() == 1 ? "" : ", " + r.step()).append(')');
            }
            case Value.Dict d -> print(d);
            case Value.View v -> {
                out.append(v.kind());
                print("([", v.items(), "])");
            }
            case Value.Namespace n -> {
                Value.Dict attributes = Value.Dict.empty();
                n.attributes().forEach(attributes::put);
                out.append("<Namespace ");
                print(attributes);
                out.append('>');
            }
            case Value.Stream s -> out.append('<').append(s.kind()).append(" object>");
            case Value.Callable c -> out.append("<function ").append(c.name()).append('>');
        }
        in.leave();
    }

    private void print(String open, List<Value> items, String close) {
        out.append(open);
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) out.append(", ");
            print(items.get(i));
        }
        out.append(close);
    }

    private void print(Value.Dict dict) {
        out.append('{');
        Iterator<Map.Entry<Value.Key, Value>> entries = dict.entries().entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Value.Key, Value> entry = entries.next();
            print(entry.getKey().value());
            out.append(": ");
            print(entry.getValue());
            if (entries.hasNext()) out.append(", ");
        }
        out.append('}');
    }

    /** What kind of value it is, for error messages. */
    static String describe(Value value) {
        return switch (value) {
            case Value.Undefined u -> "nothing (" + u.why() + ")";
            case Value.None n -> "none";
            case Value.Bool b -> "a boolean";
            case Value.Int i -> "an integer";
            case Value.Real r -> "a number";
            case Value.Str s -> "a string";
            case Value.Listing l -> "a list";
            case Value.Tuple t -> "a tuple";
            case Value.Range r -> "a range";
            case Value.Dict d -> "a mapping";
            case Value.View v -> "the view " + v.kind();
            case Value.Stream s -> "a " + s.kind();
            case Value.Namespace n -> "a namespace";
            case Value.Callable c -> "the function " + c.name();
        };
    }
}
