package dev.laconic.model.template;

import dev.laconic.model.template.Expression.CallArguments;
import dev.laconic.model.template.Expression.Filter;
import dev.laconic.model.template.Statement.MacroSyntax;
import dev.laconic.model.template.Statement.NameTarget;
import dev.laconic.model.template.Statement.NamespaceTarget;
import dev.laconic.model.template.Statement.Target;
import dev.laconic.model.template.Statement.TupleTarget;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SequencedMap;

/** One rendering: walks the syntax tree, writes the output, and counts what is spent against the limits. */
final class Interpreter {
    /** How a list of statements ended. */
    private enum Flow {
        END,
        BREAK,
        CONTINUE
    }

    private final String template;
    private final TemplateLimits limits;
    private final ZonedDateTime now;
    private final List<Rendering.Span> generated = new ArrayList<>();
    /** The output, under the outputs of the blocks that are being captured. */
    private final Deque<StringBuilder> outputs = new ArrayDeque<>();

    private int line = 1;
    private long steps;
    private long work;
    private int depth;

    Interpreter(String template, TemplateLimits limits, ZonedDateTime now) {
        this.template = template;
        this.limits = limits;
        this.now = now;
    }

    Rendering run(List<Statement> body, Map<String, Value> variables) {
        outputs.push(new StringBuilder());
        run(body, new Scope(variables));
        return new Rendering(outputs.pop().toString(), List.copyOf(generated));
    }

    // What the rest of the package needs of a rendering

    TemplateException error(String problem) {
        return new TemplateException(template, line, problem);
    }

    /** Counts characters that are read or made, and what containers cost in the same measure. */
    void work(long units) {
        if (units > limits.work() - work)
            throw error("found more than " + limits.work() + " characters and elements to handle, the limit");
        work += units;
    }

    /** Goes one level deeper into a value or a call; {@link #leave()} comes back. */
    void enter() {
        if (++depth > limits.depth()) throw error("found values or calls nested more than " + limits.depth() + " deep");
    }

    void leave() {
        depth--;
    }

    ZonedDateTime now() {
        return now;
    }

    boolean truth(Value value) {
        return Operators.truth(value);
    }

    /** The text that printing the value gives. */
    String text(Value value) {
        return Printer.text(this, value);
    }

    String describe(Value value) {
        return Printer.describe(value);
    }

    /** The values that going through this one gives, all at once. */
    List<Value> items(Value value) {
        List<Value> items =
                switch (value) {
                    case Value.Undefined u -> List.of();
                    case Value.Str s -> {
                        work(64L * s.text().length());
                        yield Text.characters(s.text());
                    }
                    case Value.Listing l -> l.items();
                    case Value.Tuple t -> t.items();
                    case Value.Range r -> {
                        List<Value> numbers = new ArrayList<>(r.size());
                        for (int i = 0; i < r.size(); i++) numbers.add(r.get(i));
                        yield numbers;
                    }
                    case Value.Dict d -> d.keys();
                    case Value.View v -> v.items();
                    case Value.Stream s -> s.rest();
                    default -> throw error("found " + describe(value) + ", expected something to go through");
                };
        work(8L * items.size());
        return items;
    }

    private Iterator<Value> iterator(Value value) {
        if (!(value instanceof Value.Stream stream)) return items(value).iterator();
        return new Peeking() {
            @Override
            Optional<Value> advance() {
                return stream.next();
            }
        };
    }

    Value filter(String name, Value input, Arguments arguments) {
        step(line);
        Filters.Body filter = Filters.find(name)
                .orElseThrow(() ->
                        error("found the unknown filter '" + name + "', expected one of: " + Filters.names()));
        return filter.apply(this, input, arguments);
    }

    boolean test(String name, Value input, Arguments arguments) {
        step(line);
        Tests.Body test = Tests.find(name)
                .orElseThrow(() ->
                        error("found the unknown test '" + name + "', expected one of: " + Tests.names()));
        return test.apply(this, input, arguments);
    }

    // Statements

    private Flow run(List<Statement> body, Scope scope) {
        enter();
        for (Statement statement : body) {
            step(statement.line());
            Flow flow = run(statement, scope);
            if (flow != Flow.END) {
                leave();
                return flow;
            }
        }
        leave();
        return Flow.END;
    }

    private Flow run(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Data s -> write(s.text());
            case Statement.Print s -> {
                for (Expression value : s.values()) write(text(evaluate(value, scope)));
            }
            case Statement.Assign s -> assign(s.target(), evaluate(s.value(), scope), scope);
            case Statement.AssignBlock s -> {
                Value text = Value.Str.of(capture(s.body(), new Scope(scope)));
                assign(s.target(), apply(s.filters(), text, scope), scope);
            }
            case Statement.If s -> {
                return branch(s, scope);
            }
            case Statement.For s -> loop(s, evaluate(s.items(), scope), scope, 0);
            case Statement.Macro s -> scope.set(s.macro().name(), new Macro(s.macro(), scope));
            case Statement.CallBlock s -> {
                Arguments arguments = arguments(s.call().arguments(), scope);
                SequencedMap<String, Value> named = new LinkedHashMap<>(arguments.named());
                named.put("caller", new Macro(s.caller(), scope));
                write(text(call(s.call(), new Arguments(arguments.positional(), named), scope)));
            }
            case Statement.FilterBlock s -> {
                Value text = Value.Str.of(capture(s.body(), new Scope(scope)));
                write(text(apply(s.filters(), text, scope)));
            }
            case Statement.With s -> {
                Scope inner = new Scope(scope);
                for (int i = 0; i < s.targets().size(); i++)
                    assign(s.targets().get(i), evaluate(s.values().get(i), scope), inner);
                return run(s.body(), inner);
            }
            case Statement.Generation s -> {
                int start = written();
                run(s.body(), new Scope(scope));
                generated.add(new Rendering.Span(start, written()));
            }
            case Statement.Break s -> {
                return Flow.BREAK;
            }
            case Statement.Continue s -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.END;
    }

    private Flow branch(Statement.If statement, Scope scope) {
        for (Statement.Branch branch : statement.branches())
            if (truth(evaluate(branch.test(), scope))) return run(branch.body(), scope);
        return run(statement.otherwise(), scope);
    }

    private void loop(Statement.For statement, Value iterable, Scope scope, int depth0) {
        Iterator<Value> items = iterator(iterable);
        if (statement.filter().isPresent()) items = filtered(statement, items, scope);
        Loop loop = new Loop(statement, items, scope, depth0);
        boolean completed = false;
        Flow flow = Flow.END;
        while (flow != Flow.BREAK && loop.advance()) {
            step(statement.line());
            work(80);
            Scope inner = new Scope(scope);
            inner.set("loop", loop);
            assign(statement.target(), loop.current, inner);
            flow = run(statement.body(), inner);
            completed |= flow == Flow.END;
        }
        // As in Jinja, 'else' stands for a loop of which no round came to its end.
        if (!completed) run(statement.otherwise(), new Scope(scope));
    }

    private Iterator<Value> filtered(Statement.For statement, Iterator<Value> items, Scope scope) {
        return new Peeking() {
            @Override
            Optional<Value> advance() {
                while (items.hasNext()) {
                    Value item = items.next();
                    Scope inner = new Scope(scope);
                    inner.set("loop", new Value.Undefined("'loop' is undefined in the filter of a loop"));
                    assign(statement.target(), item, inner);
                    if (truth(evaluate(statement.filter().orElseThrow(), inner))) return Optional.of(item);
                }
                return Optional.empty();
            }
        };
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case NameTarget t -> scope.set(t.name(), value);
            case NamespaceTarget t -> {
                Value namespace = name(t.namespace(), scope);
                if (!(namespace instanceof Value.Namespace n))
                    throw error("found " + describe(namespace) + " in the assignment to " + t.namespace() + "."
                            + t.attribute() + ", expected a namespace");
                work(80);
                n.attributes().put(t.attribute(), value);
            }
            case TupleTarget t -> {
                List<Value> parts = items(value);
                if (parts.size() != t.parts().size())
                    throw error("found " + parts.size() + " values to unpack, expected "
                            + t.parts().size());
                for (int i = 0; i < parts.size(); i++) assign(t.parts().get(i), parts.get(i), scope);
            }
        }
    }

    private void write(String text) {
        StringBuilder out = outputs.element();
        if (text.length() > limits.output() - out.length())
            throw error("found more than " + limits.output() + " characters of output, the limit");
        work(text.length());
        out.append(text);
    }

    private String capture(List<Statement> body, Scope scope) {
        outputs.push(new StringBuilder());
        run(body, scope);
        return outputs.pop().toString();
    }

    /** Where the next character of output will stand, if what is being captured is printed as it is. */
    private int written() {
        return Math.toIntExact(outputs.stream().mapToLong(StringBuilder::length).sum());
    }

    private void step(int at) {
        line = at;
        if (++steps > limits.steps()) throw error("found more than " + limits.steps() + " steps, the limit");
    }

    // Expressions

    private Value evaluate(Expression expression, Scope scope) {
        step(expression.line());
        enter();
        Value value =
                switch (expression) {
                    case Expression.Literal e -> e.value();
                    case Expression.Name e -> name(e.name(), scope);
                    case Expression.ListOf e -> new Value.Listing(all(e.items(), scope));
                    case Expression.TupleOf e -> new Value.Tuple(all(e.items(), scope));
                    case Expression.DictOf e -> dictionary(e, scope);
                    case Expression.Conditional e -> conditional(e, scope);
                    case Expression.And e -> and(e, scope);
                    case Expression.Or e -> or(e, scope);
                    case Expression.Not e -> Value.Bool.of(!truth(evaluate(e.operand(), scope)));
                    case Expression.Compare e -> compare(e, scope);
                    case Expression.Arithmetic e -> arithmetic(e, scope);
                    case Expression.Sign e -> Operators.sign(this, e.operator(), evaluate(e.operand(), scope));
                    case Expression.Concat e -> concat(e, scope);
                    case Expression.Attribute e -> attribute(e, scope);
                    case Expression.Item e -> item(e, scope);
                    case Expression.Slice e -> slice(e, scope);
                    case Expression.Call e -> call(e, arguments(e.arguments(), scope), scope);
                    case Expression.Filtered e -> apply(e.filter(), evaluate(e.input(), scope), scope);
                    case Expression.Test e -> test(e, scope);
                };
        leave();
        return value;
    }

    private Value name(String name, Scope scope) {
        return scope.find(name)
                .or(() -> Globals.find(name))
                .orElseGet(() -> new Value.Undefined("'" + name + "' is undefined"));
    }

    private List<Value> all(List<Expression> expressions, Scope scope) {
        work(48 + 8L * expressions.size());
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) values.add(evaluate(expression, scope));
        return values;
    }

    private Value dictionary(Expression.DictOf expression, Scope scope) {
        work(160 + 80L * expression.pairs().size());
        Value.Dict dict = Value.Dict.empty();
        for (Expression.Pair pair : expression.pairs())
            dict.entries().put(key(evaluate(pair.key(), scope)), evaluate(pair.value(), scope));
        return dict;
    }

    Value.Key key(Value value) {
        return Value.Key.of(value)
                .orElseThrow(() -> error("found " + describe(value)
                        + " as a key, expected a string, a number, a boolean or none"));
    }

    private Value conditional(Expression.Conditional expression, Scope scope) {
        if (truth(evaluate(expression.test(), scope))) return evaluate(expression.then(), scope);
        if (expression.otherwise().isPresent()) return evaluate(expression.otherwise().get(), scope);
        return new Value.Undefined("an inline 'if' without 'else' is false");
    }

    private Value and(Expression.And expression, Scope scope) {
        Value left = evaluate(expression.left(), scope);
        return truth(left) ? evaluate(expression.right(), scope) : left;
    }

    private Value or(Expression.Or expression, Scope scope) {
        Value left = evaluate(expression.left(), scope);
        return truth(left) ? left : evaluate(expression.right(), scope);
    }

    private Value compare(Expression.Compare expression, Scope scope) {
        Value left = evaluate(expression.first(), scope);
        for (Expression.Comparison comparison : expression.rest()) {
            Value right = evaluate(comparison.right(), scope);
            if (!Operators.compare(this, comparison.operator(), left, right)) return Value.Bool.FALSE;
            left = right;
        }
        return Value.Bool.TRUE;
    }

    private Value arithmetic(Expression.Arithmetic expression, Scope scope) {
        Value left = evaluate(expression.left(), scope);
        Value right = evaluate(expression.right(), scope);
        line = expression.line();
        return Operators.arithmetic(this, expression.operator(), left, right);
    }

    private Value concat(Expression.Concat expression, Scope scope) {
        StringBuilder text = new StringBuilder();
        for (Expression part : expression.parts()) {
            String piece = text(evaluate(part, scope));
            work(piece.length());
            text.append(piece);
        }
        return Value.Str.of(text.toString());
    }

    private Value attribute(Expression.Attribute expression, Scope scope) {
        Value object = evaluate(expression.object(), scope);
        line = expression.line();
        return Members.attribute(this, object, expression.name());
    }

    private Value item(Expression.Item expression, Scope scope) {
        Value object = evaluate(expression.object(), scope);
        Value index = evaluate(expression.index(), scope);
        line = expression.line();
        return Members.item(this, object, index);
    }

    private Value slice(Expression.Slice expression, Scope scope) {
        Value object = evaluate(expression.object(), scope);
        Optional<Value> start = expression.start().map(e -> evaluate(e, scope));
        Optional<Value> stop = expression.stop().map(e -> evaluate(e, scope));
        Optional<Value> step = expression.step().map(e -> evaluate(e, scope));
        line = expression.line();
        return Members.slice(this, object, start, stop, step);
    }

    private Value call(Expression.Call expression, Arguments arguments, Scope scope) {
        Value callee = evaluate(expression.callee(), scope);
        line = expression.line();
        return switch (callee) {
            case Value.Callable callable -> {
                work(160);
                yield callable.call(this, arguments);
            }
            case Value.Undefined u -> throw error(u.why() + ", expected something to call");
            default -> throw error("found a call of " + describe(callee) + ", expected a macro or a function");
        };
    }

    private Arguments arguments(CallArguments syntax, Scope scope) {
        List<Value> positional = all(syntax.positional(), scope);
        SequencedMap<String, Value> named = new LinkedHashMap<>();
        for (Expression.Named argument : syntax.named())
            if (named.put(argument.name(), evaluate(argument.value(), scope)) != null)
                throw error("found the argument " + argument.name() + " twice");
        syntax.spread().ifPresent(spread -> positional.addAll(items(evaluate(spread, scope))));
        syntax.spreadNamed().ifPresent(spread -> {
            Value value = evaluate(spread, scope);
            if (!(value instanceof Value.Dict dict))
                throw error("found " + describe(value) + " after '**', expected a mapping");
            work(16L * dict.entries().size());
            dict.entries().forEach((key, argument) -> {
                if (!(key.value() instanceof Value.Str name))
                    throw error("found " + describe(key.value()) + " as the name of an argument, expected a string");
                if (named.put(name.text(), argument) != null)
                    throw error("found the argument " + name.text() + " twice");
            });
        });
        return new Arguments(positional, named);
    }

    private Value apply(Filter filter, Value input, Scope scope) {
        Arguments arguments = arguments(filter.arguments(), scope);
        line = filter.line();
        return filter(filter.name(), input, arguments);
    }

    private Value apply(List<Filter> filters, Value input, Scope scope) {
        Value value = input;
        for (Filter filter : filters) value = apply(filter, value, scope);
        return value;
    }

    private Value test(Expression.Test expression, Scope scope) {
        Value input = evaluate(expression.input(), scope);
        Arguments arguments = arguments(expression.arguments(), scope);
        line = expression.line();
        return Value.Bool.of(test(expression.name(), input, arguments));
    }

    /** An iterator over a source that only says what comes next. */
    private abstract static class Peeking implements Iterator<Value> {
        private Optional<Value> next = Optional.empty();

        abstract Optional<Value> advance();

        @Override
        public boolean hasNext() {
            if (next.isEmpty()) next = advance();
            return next.isPresent();
        }

        @Override
        public Value next() {
            if (!hasNext()) throw new NoSuchElementException();
            Value value = next.get();
            next = Optional.empty();
            return value;
        }
    }

    /** A macro, or the body of a call block, in the scope where it stands. */
    private record Macro(MacroSyntax syntax, Scope scope) implements Value.Callable {
        @Override
        public String name() {
            return syntax.name();
        }

        @Override
        public Value call(Interpreter in, Arguments arguments) {
            in.enter();
            Scope inner = new Scope(scope);
            List<Value> positional = arguments.positional();
            SequencedMap<String, Value> named = new LinkedHashMap<>(arguments.named());
            List<Statement.Parameter> parameters = syntax.parameters();
            if (positional.size() > parameters.size() && !syntax.varargs())
                throw in.error("macro " + name() + ": found " + positional.size() + " arguments, expected at most "
                        + parameters.size());
            boolean ownCaller = parameters.stream().anyMatch(p -> p.name().equals("caller"));
            if (syntax.caller() && !ownCaller)
                inner.set(
                        "caller",
                        Optional.ofNullable(named.remove("caller"))
                                .orElseGet(() -> new Value.Undefined("'caller' is undefined: no call block")));
            bind(in, inner, positional, named);
            if (syntax.kwargs()) {
                Value.Dict rest = Value.Dict.empty();
                named.forEach(rest::put);
                inner.set("kwargs", rest);
            } else if (!named.isEmpty()) {
                throw in.error("macro " + name() + ": found the unknown argument " + named.firstEntry().getKey());
            }
            if (syntax.varargs())
                inner.set(
                        "varargs",
                        new Value.Tuple(positional.subList(
                                Math.min(positional.size(), parameters.size()), positional.size())));
            int line = in.line;
            Value text = Value.Str.of(in.capture(syntax.body(), inner));
            in.line = line;
            in.leave();
            return text;
        }

        private void bind(
                Interpreter in, Scope inner, List<Value> positional, SequencedMap<String, Value> named) {
            for (int i = 0; i < syntax.parameters().size(); i++) {
                Statement.Parameter parameter = syntax.parameters().get(i);
                Optional<Value> given = i < positional.size()
                        ? Optional.of(positional.get(i))
                        : Optional.ofNullable(named.remove(parameter.name()));
                Value value = given.or(() -> parameter.otherwise().map(e -> in.evaluate(e, inner)))
                        .orElseGet(() ->
                                new Value.Undefined("parameter '" + parameter.name() + "' was not provided"));
                inner.set(parameter.name(), value);
            }
        }

        @Override
        public Optional<Value> attribute(Interpreter in, String name) {
            return switch (name) {
                case "name" -> Optional.of(Value.Str.of(name()));
                case "arguments" ->
                    Optional.of(new Value.Tuple(syntax.parameters().stream()
                            .<Value>map(p -> Value.Str.of(p.name()))
                            .toList()));
                case "catch_kwargs" -> Optional.of(Value.Bool.of(syntax.kwargs()));
                case "catch_varargs" -> Optional.of(Value.Bool.of(syntax.varargs()));
                case "caller" -> Optional.of(Value.Bool.of(syntax.caller()));
                default -> Optional.empty();
            };
        }
    }

    /** The variable {@code loop}: where a loop stands; calling it runs a recursive loop over other items. */
    private final class Loop implements Value.Callable {
        private final Statement.For statement;
        private final Scope scope;
        private final int depth0;
        private Iterator<Value> items;
        private int index = -1;
        private int length = -1;
        private Value previous = new Value.Undefined("there is no previous item");
        private Value current = previous;
        private Optional<Value> ahead = Optional.empty();
        private Optional<List<Value>> changed = Optional.empty();

        Loop(Statement.For statement, Iterator<Value> items, Scope scope, int depth0) {
            this.statement = statement;
            this.items = items;
            this.scope = scope;
            this.depth0 = depth0;
        }

        boolean advance() {
            Optional<Value> next = ahead();
            if (next.isEmpty()) return false;
            ahead = Optional.empty();
            index++;
            previous = current;
            current = next.get();
            return true;
        }

        private Optional<Value> ahead() {
            if (ahead.isEmpty() && items.hasNext()) ahead = Optional.of(items.next());
            return ahead;
        }

        private int length() {
            if (length < 0) {
                List<Value> rest = new ArrayList<>();
                ahead().ifPresent(rest::add);
                ahead = Optional.empty();
                while (items.hasNext()) rest.add(items.next());
                work(8L * rest.size());
                items = rest.iterator();
                length = index + 1 + rest.size();
            }
            return length;
        }

        @Override
        public String name() {
            return "loop";
        }

        @Override
        public Optional<Value> attribute(Interpreter in, String name) {
            return Optional.ofNullable(
                    switch (name) {
                        case "index" -> new Value.Int(index + 1);
                        case "index0" -> new Value.Int(index);
                        case "revindex" -> new Value.Int(length() - index);
                        case "revindex0" -> new Value.Int(length() - index - 1);
                        case "first" -> Value.Bool.of(index == 0);
                        case "last" -> Value.Bool.of(ahead().isEmpty());
                        case "length" -> new Value.Int(length());
                        case "depth" -> new Value.Int(depth0 + 1);
                        case "depth0" -> new Value.Int(depth0);
                        case "previtem" -> previous;
                        case "nextitem" -> ahead().orElseGet(() -> new Value.Undefined("there is no next item"));
                        case "cycle" -> new Value.Function("cycle", this::cycle);
                        case "changed" -> new Value.Function("changed", this::changed);
                        default -> null;
                    });
        }

        private Value cycle(Interpreter in, Arguments arguments) {
            List<Value> values = arguments.positional();
            if (values.isEmpty()) throw error("loop.cycle: found no values to choose from");
            return values.get(index % values.size());
        }

        private Value changed(Interpreter in, Arguments arguments) {
            List<Value> now = arguments.positional();
            boolean same = changed.isPresent()
                    && Operators.equal(Interpreter.this, new Value.Tuple(changed.get()), new Value.Tuple(now));
            changed = Optional.of(now);
            return Value.Bool.of(!same);
        }

        @Override
        public Value call(Interpreter in, Arguments arguments) {
            if (!statement.recursive()) throw error("found a call of 'loop', expected a loop marked 'recursive'");
            Value inner = arguments.bind(Interpreter.this, "loop", 1, "items").get(0);
            enter();
            outputs.push(new StringBuilder());
            loop(statement, inner, scope, depth0 + 1);
            leave();
            return Value.Str.of(outputs.pop().toString());
        }
    }
}
