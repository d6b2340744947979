package dev.laconic.model.template;

import dev.laconic.model.template.Expression.CallArguments;
import dev.laconic.model.template.Expression.Filter;
import dev.laconic.model.template.Statement.MacroSyntax;
import dev.laconic.model.template.Statement.NameTarget;
import dev.laconic.model.template.Statement.NamespaceTarget;
import dev.laconic.model.template.Statement.Parameter;
import dev.laconic.model.template.Statement.Target;
import dev.laconic.model.template.Statement.TupleTarget;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Builds the syntax tree of a template by recursive descent, to a limited depth. */
final class Parser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> MISSING_TAGS =
            Set.of("extends", "block", "include", "import", "from", "do", "autoescape", "trans", "debug");

    private final String template;
    private final List<Token> tokens;
    private final int maxDepth;
    private final Set<String> words = new HashSet<>();
    private final List<String> openTags = new ArrayList<>();
    private int at;
    private int depth;
    private int loops;
    private boolean generates;
    /** Names that the macro at hand reads. */
    private Set<String> read = new HashSet<>();

    private Parser(String template, String source, int maxDepth) {
        this.template = template;
        this.tokens = Lexer.tokens(template, source);
        this.maxDepth = maxDepth;
    }

    /**
     * @param body the statements in order
     * @param words every name, attribute and string that stands in the template's expressions
     * @param generates whether there is a generation block
     */
    record Parsed(List<Statement> body, Set<String> words, boolean generates) {}

    static Parsed parse(String template, String source, int maxDepth) {
        Parser parser = new Parser(template, source, maxDepth);
        List<Statement> body = parser.statements(Set.of());
        return new Parsed(body, Set.copyOf(parser.words), parser.generates);
    }

    // Statements

    /** Reads until a tag opens with one of {@code ends}, and stops before that word; without ends, reads everything. */
    private List<Statement> statements(Set<String> ends) {
        enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = next();
            switch (token.type()) {
                case TEXT -> body.add(new Statement.Data(token.text(), token.line()));
                case PRINT_BEGIN -> {
                    body.add(new Statement.Print(List.of(tuple(true)), token.line()));
                    expect(Token.Type.PRINT_END);
                }
                case TAG_BEGIN -> {
                    if (peek().type() == Token.Type.NAME && ends.contains(peek().text())) {
                        leave();
                        return body;
                    }
                    body.add(statement());
                    expect(Token.Type.TAG_END);
                }
                default -> {
                    if (!ends.isEmpty())
                        throw error(
                                token,
                                "found the end of the template inside '" + openTags.getLast() + "', expected "
                                        + String.join(" or ", new TreeSet<>(ends)));
                    leave();
                    return body;
                }
            }
        }
    }

    private List<Statement> body(Set<String> ends) {
        skip(":");
        expect(Token.Type.TAG_END);
        return statements(ends);
    }

    private List<Statement> body(String end) {
        List<Statement> body = body(Set.of(end));
        next();
        return body;
    }

    /** A body that break and continue cannot leave. */
    private List<Statement> closedBody(String end) {
        int outer = loops;
        loops = 0;
        List<Statement> body = body(end);
        loops = outer;
        return body;
    }

    private Statement statement() {
        Token tag = expect(Token.Type.NAME);
        openTags.add(tag.text());
        int line = tag.line();
        Statement statement =
                switch (tag.text()) {
                    case "set" -> set(line);
                    case "if" -> branches(line);
                    case "for" -> loop(line);
                    case "macro" -> macro(line);
                    case "call" -> call(line);
                    case "filter" -> filterBlock(line);
                    case "with" -> with(line);
                    case "print" -> print(line);
                    case "generation" -> {
                        generates = true;
                        yield new Statement.Generation(closedBody("endgeneration"), line);
                    }
                    case "break", "continue" -> {
                        if (loops == 0) throw error(tag, "found '" + tag.text() + "' outside a loop");
                        yield tag.text().equals("break") ? new Statement.Break(line) : new Statement.Continue(line);
                    }
                    default -> throw unknown(tag);
                };
        openTags.removeLast();
        return statement;
    }

    private TemplateException unknown(Token tag) {
        if (MISSING_TAGS.contains(tag.text()))
            return error(tag, "found the tag '" + tag.text() + "', which chat templates do not have");
        String open = openTags.size() < 2
                ? ", expected a statement"
                : ", expected a statement or the end of '" + openTags.get(openTags.size() - 2) + "'";
        return error(tag, "found the tag '" + tag.text() + "'" + open);
    }

    private Statement set(int line) {
        Target target = target("", true);
        if (skip("=")) return new Statement.Assign(target, tuple(true), line);
        List<Filter> filters = new ArrayList<>();
        while (skip("|")) filters.add(filter());
        return new Statement.AssignBlock(target, filters, closedBody("endset"), line);
    }

    private Statement branches(int line) {
        List<Statement.Branch> branches = new ArrayList<>();
        while (true) {
            Expression test = tuple(false);
            branches.add(new Statement.Branch(test, body(Set.of("elif", "else", "endif"))));
            Token word = next();
            if (word.name("elif")) continue;
            List<Statement> otherwise = word.name("else") ? body("endif") : List.of();
            return new Statement.If(branches, otherwise, line);
        }
    }

    private Statement loop(int line) {
        Target target = target("in", false);
        if (!skipWord("in")) throw expected("'in'");
        Expression items = tuple(false);
        Optional<Expression> filter = skipWord("if") ? Optional.of(expression()) : Optional.empty();
        boolean recursive = skipWord("recursive");
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = next().name("else") ? body("endfor") : List.of();
        return new Statement.For(target, items, filter, recursive, body, otherwise, line);
    }

    private Statement macro(int line) {
        String name = expect(Token.Type.NAME).text();
        Set<String> outer = read;
        read = new HashSet<>();
        List<Parameter> parameters = parameters();
        return new Statement.Macro(macro(name, parameters, closedBody("endmacro"), outer), line);
    }

    private Statement call(int line) {
        Set<String> outer = read;
        read = new HashSet<>();
        List<Parameter> parameters = peek().operator("(") ? parameters() : List.of();
        Token start = peek();
        if (!(expression() instanceof Expression.Call call)) throw error(start, "expected a call of a macro");
        return new Statement.CallBlock(call, macro("caller", parameters, closedBody("endcall"), outer), line);
    }

    private MacroSyntax macro(String name, List<Parameter> parameters, List<Statement> body, Set<String> outer) {
        MacroSyntax macro = new MacroSyntax(
                name, parameters, body, read.contains("varargs"), read.contains("kwargs"), read.contains("caller"));
        outer.addAll(read);
        read = outer;
        return macro;
    }

    private List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        expect("(");
        while (!skip(")")) {
            if (!parameters.isEmpty()) expect(",");
            Token name = expect(Token.Type.NAME);
            Optional<Expression> otherwise = skip("=") ? Optional.of(expression()) : Optional.empty();
            if (otherwise.isEmpty() && !parameters.isEmpty() && parameters.getLast().otherwise().isPresent())
                throw error(name, "found the parameter " + name.text() + " without a default after one that has one");
            parameters.add(new Parameter(name.text(), otherwise));
        }
        return parameters;
    }

    private Statement filterBlock(int line) {
        List<Filter> filters = new ArrayList<>();
        do filters.add(filter());
        while (skip("|"));
        return new Statement.FilterBlock(filters, closedBody("endfilter"), line);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (peek().type() != Token.Type.TAG_END) {
            if (!targets.isEmpty()) expect(",");
            targets.add(singleTarget(false));
            expect("=");
            values.add(expression());
        }
        return new Statement.With(targets, values, body("endwith"), line);
    }

    private Statement print(int line) {
        List<Expression> values = new ArrayList<>();
        while (peek().type() != Token.Type.TAG_END) {
            if (!values.isEmpty()) expect(",");
            values.add(expression());
        }
        return new Statement.Print(values, line);
    }

    /**
     * Reads one target or several with commas between them.
     *
     * @param end the word that ends the list after a trailing comma
     */
    private Target target(String end, boolean namespaces) {
        List<Target> parts = new ArrayList<>();
        do {
            if (!parts.isEmpty() && (peek().name(end) || peek().operator("="))) return new TupleTarget(parts);
            parts.add(singleTarget(namespaces));
        } while (skip(","));
        return parts.size() == 1 ? parts.getFirst() : new TupleTarget(parts);
    }

    private Target singleTarget(boolean namespaces) {
        enter();
        Target target;
        if (skip("(")) {
            List<Target> parts = new ArrayList<>();
            boolean tuple = false;
            while (!skip(")")) {
                parts.add(singleTarget(namespaces));
                if (!peek().operator(")")) {
                    expect(",");
                    tuple = true;
                }
            }
            target = parts.size() == 1 && !tuple ? parts.getFirst() : new TupleTarget(parts);
        } else {
            Token name = expect(Token.Type.NAME);
            if (Set.of("true", "false", "none", "True", "False", "None").contains(name.text()))
                throw error(name, "found " + name.description() + ", expected a name that can be assigned to");
            if (namespaces && skip("."))
                target = new NamespaceTarget(name.text(), expect(Token.Type.NAME).text());
            else target = new NameTarget(name.text());
        }
        leave();
        return target;
    }

    // Expressions

    private Expression expression() {
        enter();
        Expression expression = or();
        while (skipWord("if")) {
            Expression test = or();
            Optional<Expression> otherwise = skipWord("else") ? Optional.of(expression()) : Optional.empty();
            expression = new Expression.Conditional(test, expression, otherwise, test.line());
        }
        leave();
        return expression;
    }

    /** An expression, or several with commas between them. */
    private Expression tuple(boolean conditional) {
        Token start = peek();
        List<Expression> items = new ArrayList<>();
        do {
            if (!items.isEmpty() && endsTuple()) return new Expression.TupleOf(items, start.line());
            items.add(conditional ? expression() : or());
        } while (skip(","));
        return items.size() == 1 ? items.getFirst() : new Expression.TupleOf(items, start.line());
    }

    private boolean endsTuple() {
        return switch (peek().type()) {
            case PRINT_END, TAG_END -> true;
            default -> peek().operator(")");
        };
    }

    private Expression or() {
        Expression left = and();
        while (skipWord("or")) left = new Expression.Or(left, and(), left.line());
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (skipWord("and")) left = new Expression.And(left, not(), left.line());
        return left;
    }

    private Expression not() {
        Token token = peek();
        if (!skipWord("not")) return compare();
        enter();
        Expression operand = not();
        leave();
        return new Expression.Not(operand, token.line());
    }

    private Expression compare() {
        Expression first = arithmetic(0);
        List<Expression.Comparison> rest = new ArrayList<>();
        while (true) {
            Token token = peek();
            String operator;
            if (token.type() == Token.Type.OPERATOR && COMPARISONS.contains(token.text())) operator = token.text();
            else if (token.name("in")) operator = "in";
            else if (token.name("not") && tokens.get(at + 1).name("in")) operator = "not in";
            else break;
            at += operator.equals("not in") ? 2 : 1;
            rest.add(new Expression.Comparison(operator, arithmetic(0)));
        }
        return rest.isEmpty() ? first : new Expression.Compare(first, rest, first.line());
    }

    /** Reads operands joined by operators of at least this tightness. */
    private Expression arithmetic(int loosest) {
        Expression left = unary(true);
        while (true) {
            int level = tightness(peek());
            if (level < loosest) return left;
            String operator = next().text();
            Expression right = arithmetic(level + 1);
            left = operator.equals("~")
                    ? concat(left, right)
                    : new Expression.Arithmetic(operator, left, right, left.line());
        }
    }

    private static int tightness(Token token) {
        if (token.type() != Token.Type.OPERATOR) return -1;
        return switch (token.text()) {
            case "+", "-" -> 0;
            case "~" -> 1;
            case "*", "/", "//", "%" -> 2;
            case "**" -> 3;
            default -> -1;
        };
    }

    private static Expression concat(Expression left, Expression right) {
        if (left instanceof Expression.Concat concat) {
            concat.parts().add(right);
            return concat;
        }
        return new Expression.Concat(new ArrayList<>(List.of(left, right)), left.line());
    }

    private Expression unary(boolean filters) {
        Token token = peek();
        Expression operand;
        if (token.operator("-") || token.operator("+")) {
            enter();
            next();
            operand = new Expression.Sign(token.text(), unary(false), token.line());
            leave();
        } else {
            operand = primary();
        }
        operand = postfix(operand);
        return filters ? filtersAndTests(operand) : operand;
    }

    private Expression primary() {
        Token token = next();
        int line = token.line();
        switch (token.type()) {
            case NAME -> {
                return switch (token.text()) {
                    case "true", "True" -> new Expression.Literal(Value.Bool.TRUE, line);
                    case "false", "False" -> new Expression.Literal(Value.Bool.FALSE, line);
                    case "none", "None" -> new Expression.Literal(Value.None.NONE, line);
                    default -> {
                        words.add(token.text());
                        read.add(token.text());
                        yield new Expression.Name(token.text(), line);
                    }
                };
            }
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (peek().type() == Token.Type.STRING) text.append(next().text());
                words.add(text.toString());
                return new Expression.Literal(Value.Str.of(text.toString()), line);
            }
            case INTEGER -> {
                return new Expression.Literal(integer(token), line);
            }
            case FLOAT -> {
                return new Expression.Literal(
                        new Value.Real(Double.parseDouble(token.text().replace("_", ""))), line);
            }
            case OPERATOR -> {
                if (token.text().equals("(")) return parenthesised(line);
                if (token.text().equals("[")) return new Expression.ListOf(items("]"), line);
                if (token.text().equals("{")) return dictionary(line);
            }
            default -> {}
        }
        throw error(token, "found " + token.description() + ", expected an expression");
    }

    private Expression parenthesised(int line) {
        if (skip(")")) return new Expression.TupleOf(List.of(), line);
        Expression inner = tuple(true);
        expect(")");
        return inner;
    }

    private List<Expression> items(String end) {
        List<Expression> items = new ArrayList<>();
        while (!skip(end)) {
            if (!items.isEmpty()) {
                expect(",");
                if (skip(end)) break;
            }
            items.add(expression());
        }
        return items;
    }

    private Expression dictionary(int line) {
        List<Expression.Pair> pairs = new ArrayList<>();
        while (!skip("}")) {
            if (!pairs.isEmpty()) {
                expect(",");
                if (skip("}")) break;
            }
            Expression key = expression();
            expect(":");
            pairs.add(new Expression.Pair(key, expression()));
        }
        return new Expression.DictOf(pairs, line);
    }

    private Value integer(Token token) {
        String digits = token.text().replace("_", "");
        int radix = 10;
        if (digits.length() > 2 && digits.charAt(0) == '0') {
            radix = switch (Character.toLowerCase(digits.charAt(1))) {
                case 'x' -> 16;
                case 'o' -> 8;
                case 'b' -> 2;
                default -> 10;
            };
        }
        if (radix != 10) digits = digits.substring(2);
        if (digits.length() <= 64) {
            BigInteger value = new BigInteger(digits, radix);
            if (value.bitLength() < 64) return new Value.Int(value.longValue());
        }
        throw error(token, "found the integer " + Text.abbreviate(token.text()) + ", expected one of at most 64 bits");
    }

    private Expression postfix(Expression operand) {
        while (true) {
            if (peek().operator(".")) operand = attribute(operand);
            else if (peek().operator("[")) operand = subscript(operand);
            else if (peek().operator("(")) operand = call(operand);
            else return operand;
        }
    }

    private Expression call(Expression callee) {
        int line = peek().line();
        return new Expression.Call(callee, arguments(), line);
    }

    private Expression attribute(Expression object) {
        next();
        Token name = next();
        if (name.type() == Token.Type.INTEGER)
            return new Expression.Item(object, new Expression.Literal(integer(name), name.line()), name.line());
        if (name.type() != Token.Type.NAME)
            throw error(name, "found " + name.description() + " after '.', expected a name");
        words.add(name.text());
        return new Expression.Attribute(object, name.text(), name.line());
    }

    private Expression subscript(Expression object) {
        int line = next().line();
        Optional<Expression> start = peek().operator(":") ? Optional.empty() : Optional.of(expression());
        if (!skip(":")) {
            List<Expression> indices = new ArrayList<>(List.of(start.orElseThrow()));
            while (skip(",")) if (!peek().operator("]")) indices.add(expression());
            expect("]");
            Expression index =
                    indices.size() == 1 ? indices.getFirst() : new Expression.TupleOf(indices, line);
            return new Expression.Item(object, index, line);
        }
        Optional<Expression> stop =
                peek().operator(":") || peek().operator("]") ? Optional.empty() : Optional.of(expression());
        Optional<Expression> step =
                skip(":") && !peek().operator("]") ? Optional.of(expression()) : Optional.empty();
        expect("]");
        return new Expression.Slice(object, start, stop, step, line);
    }

    private Expression filtersAndTests(Expression operand) {
        while (true) {
            Token token = peek();
            if (skip("|")) operand = new Expression.Filtered(operand, filter(), token.line());
            else if (skipWord("is")) operand = test(operand, token.line());
            else if (token.operator("(")) operand = call(operand);
            else return operand;
        }
    }

    private Filter filter() {
        Token name = expect(Token.Type.NAME);
        CallArguments arguments = peek().operator("(") ? arguments() : CallArguments.NONE;
        return new Filter(name.text(), arguments, name.line());
    }

    private Expression test(Expression input, int line) {
        boolean negated = skipWord("not");
        Token name = expect(Token.Type.NAME);
        CallArguments arguments = CallArguments.NONE;
        if (peek().operator("(")) {
            arguments = arguments();
        } else if (startsOperand(peek())) {
            if (peek().name("is")) throw error(peek(), "found 'is' after a test, expected 'and' between two tests");
            enter();
            Expression argument = postfix(primary());
            leave();
            arguments = new CallArguments(List.of(argument), List.of(), Optional.empty(), Optional.empty());
        }
        Expression test = new Expression.Test(input, name.text(), arguments, line);
        return negated ? new Expression.Not(test, line) : test;
    }

    private static boolean startsOperand(Token token) {
        return switch (token.type()) {
            case NAME -> !Set.of("else", "or", "and").contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }

    private CallArguments arguments() {
        List<Expression> positional = new ArrayList<>();
        List<Expression.Named> named = new ArrayList<>();
        Optional<Expression> spread = Optional.empty();
        Optional<Expression> spreadNamed = Optional.empty();
        expect("(");
        boolean first = true;
        while (!skip(")")) {
            if (!first) {
                expect(",");
                if (skip(")")) break;
            }
            first = false;
            Token token = peek();
            if (skip("*")) {
                if (spread.isPresent() || spreadNamed.isPresent()) throw error(token, "found a second '*' argument");
                spread = Optional.of(expression());
            } else if (skip("**")) {
                if (spreadNamed.isPresent()) throw error(token, "found a second '**' argument");
                spreadNamed = Optional.of(expression());
            } else if (token.type() == Token.Type.NAME && tokens.get(at + 1).operator("=")) {
                if (spreadNamed.isPresent()) throw error(token, "found an argument after '**'");
                at += 2;
                named.add(new Expression.Named(token.text(), expression()));
            } else {
                if (!named.isEmpty() || spread.isPresent() || spreadNamed.isPresent())
                    throw error(token, "found a positional argument after a named one");
                positional.add(expression());
            }
        }
        return new CallArguments(positional, named, spread, spreadNamed);
    }

    // Tokens

    private Token peek() {
        return tokens.get(at);
    }

    private Token next() {
        Token token = tokens.get(at);
        if (token.type() != Token.Type.END) at++;
        return token;
    }

    private boolean skip(String operator) {
        if (!peek().operator(operator)) return false;
        at++;
        return true;
    }

    private boolean skipWord(String word) {
        if (!peek().name(word)) return false;
        at++;
        return true;
    }

    private Token expect(Token.Type type) {
        if (peek().type() != type) throw expected(type.description());
        return next();
    }

    private void expect(String operator) {
        if (!skip(operator)) throw expected("'" + operator + "'");
    }

    private TemplateException expected(String what) {
        return error(peek(), "found " + peek().description() + ", expected " + what);
    }

    private TemplateException error(Token token, String problem) {
        return new TemplateException(template, token.line(), problem);
    }

    private void enter() {
        if (++depth > maxDepth) throw error(peek(), "found syntax nested more than " + maxDepth + " deep");
    }

    private void leave() {
        depth--;
    }
}
