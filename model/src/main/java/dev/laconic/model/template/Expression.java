package dev.laconic.model.template;

import java.util.List;
import java.util.Optional;

/** The syntax of an expression. */
sealed interface Expression {
    /** Where it stands in the template, from 1. */
    int line();

    record Literal(Value value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListOf(List<Expression> items, int line) implements Expression {}

    record TupleOf(List<Expression> items, int line) implements Expression {}

    record DictOf(List<Pair> pairs, int line) implements Expression {}

    record Pair(Expression key, Expression value) {}

    record Conditional(Expression test, Expression then, Optional<Expression> otherwise, int line)
            implements Expression {}

    record And(Expression left, Expression right, int line) implements Expression {}

    record Or(Expression left, Expression right, int line) implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    /** A chain of comparisons, each of which must hold. */
    record Compare(Expression first, List<Comparison> rest, int line) implements Expression {}

    record Comparison(String operator, Expression right) {}

    /** {@code + - * / // % **}. */
    record Arithmetic(String operator, Expression left, Expression right, int line) implements Expression {}

    /** {@code + -} before an operand. */
    record Sign(String operator, Expression operand, int line) implements Expression {}

    record Concat(List<Expression> parts, int line) implements Expression {}

    /** {@code object.name}. */
    record Attribute(Expression object, String name, int line) implements Expression {}

    /** {@code object[index]}. */
    record Item(Expression object, Expression index, int line) implements Expression {}

    /** {@code object[start:stop:step]}. */
    record Slice(
            Expression object,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step,
            int line)
            implements Expression {}

    record Call(Expression callee, CallArguments arguments, int line) implements Expression {}

    record Filtered(Expression input, Filter filter, int line) implements Expression {}

    record Filter(String name, CallArguments arguments, int line) {}

    record Test(Expression input, String name, CallArguments arguments, int line) implements Expression {}

    /**
     * @param spread a sequence of further arguments, {@code *args}
     * @param spreadNamed a mapping of further named arguments, {@code **kwargs}
     */
    record CallArguments(
            List<Expression> positional,
            List<Named> named,
            Optional<Expression> spread,
            Optional<Expression> spreadNamed) {
        static final CallArguments NONE =
                new CallArguments(List.of(), List.of(), Optional.empty(), Optional.empty());
    }

    record Named(String name, Expression value) {}
}
