package dev.laconic.model.template;

import java.util.List;
import java.util.Optional;

/** The syntax of what stands between tags, and of the tags themselves. */
sealed interface Statement {
    /** Where it stands in the template, from 1. */
    int line();

    record Data(String text, int line) implements Statement {}

    record Print(List<Expression> values, int line) implements Statement {}

    record Assign(Target target, Expression value, int line) implements Statement {}

    record AssignBlock(Target target, List<Expression.Filter> filters, List<Statement> body, int line)
            implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression items,
            Optional<Expression> filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Macro(MacroSyntax macro, int line) implements Statement {}

    /**
     * @param varargs whether the body reads {@code varargs}: further positional arguments are welcome
     * @param kwargs whether the body reads {@code kwargs}: further named arguments are welcome
     * @param caller whether the body reads {@code caller}
     */
    record MacroSyntax(
            String name,
            List<Parameter> parameters,
            List<Statement> body,
            boolean varargs,
            boolean kwargs,
            boolean caller) {}

    record Parameter(String name, Optional<Expression> otherwise) {}

    record CallBlock(Expression.Call call, MacroSyntax caller, int line) implements Statement {}

    record FilterBlock(List<Expression.Filter> filters, List<Statement> body, int line) implements Statement {}

    record With(List<Target> targets, List<Expression> values, List<Statement> body, int line) implements Statement {}

    /** Marks its output as text that the model wrote. */
    record Generation(List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** What is assigned to. */
    sealed interface Target {}

    record NameTarget(String name) implements Target {}

    record NamespaceTarget(String namespace, String attribute) implements Target {}

    record TupleTarget(List<Target> parts) implements Target {}
}
