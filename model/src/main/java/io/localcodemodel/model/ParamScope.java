package io.localcodemodel.model;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Where layers declare their parameters by name and shape.
///
/// The same constructors of layers serve a fresh model and one whose values come from a file: only the root scope
/// differs. Initial values are seeded per name, so a new layer disturbs no other.
public final class ParamScope {
    /// What makes the variable of a parameter.
    @FunctionalInterface
    private interface Values {
        Var variable(String name, Shape shape, Initial initial);
    }

    private final String prefix;
    private final Values values;
    /// Null where only names and shapes are asked for.
    private final @Nullable Map<String, Parameter> declared;

    private ParamScope(String prefix, Values values, @Nullable Map<String, Parameter> declared) {
        this.prefix = prefix;
        this.values = values;
        this.declared = declared;
    }

    /// A root scope whose parameters get their initial values.
    public static ParamScope initialising(long seed) {
        return new ParamScope(
                "",
                (name, shape, initial) -> {
                    Tensor value = Tensor.zeros(shape);
                    initial.fill(value, Randomness.seedFor(seed, name));
                    return Var.parameter(value);
                },
                new LinkedHashMap<>());
    }

    /// A root scope whose parameters are zeros, to be filled from elsewhere.
    public static ParamScope zeros() {
        return new ParamScope("", (name, shape, initial) -> Var.parameter(Tensor.zeros(shape)), new LinkedHashMap<>());
    }

    /// A root scope whose parameters are frozen and have the given values.
    static ParamScope frozen(Function<String, Tensor> values) {
        return new ParamScope("", (name, shape, initial) -> Var.constant(values.apply(name)), new LinkedHashMap<>());
    }

    /// The extents by name of the parameters that somebody declares, without memory for their values.
    static Map<String, Shape> shapes(Consumer<ParamScope> declaration) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Var nothing = Var.constant(Tensor.zeros(Shape.of(0)));
        declaration.accept(new ParamScope(
                "",
                (name, shape, initial) -> {
                    shapes.put(name, shape);
                    return nothing;
                },
                null));
        return shapes;
    }

    /// The scope called `name` inside this one.
    public ParamScope at(String name) {
        return new ParamScope(prefix + name + ".", values, declared);
    }

    /// The scope of the `index`-th of several equal parts.
    public ParamScope at(String name, int index) {
        return at(name + "." + index);
    }

    /// Declares a vector or a matrix of a block and returns its variable.
    ///
    /// @throws IllegalStateException if the name is taken
    public Var parameter(String name, Shape shape, Initial initial) {
        Parameter.Role role = shape.rank() < 2 ? Parameter.Role.VECTOR : Parameter.Role.HIDDEN;
        return parameter(name, shape, initial, role, List.of(shape.rows()));
    }

    /// Declares a table with a row for each token or position and returns its variable.
    ///
    /// @throws IllegalStateException if the name is taken
    public Var table(String name, Shape shape, Initial initial) {
        return parameter(name, shape, initial, Parameter.Role.EMBEDDING, List.of(shape.rows()));
    }

    /// Declares several matrices of a block that are stacked row on row and returns the variable of all.
    ///
    /// @param rowGroups how many rows each has
    /// @throws IllegalStateException if the name is taken
    public Var stacked(String name, Shape shape, Initial initial, List<Integer> rowGroups) {
        return parameter(name, shape, initial, Parameter.Role.HIDDEN, rowGroups);
    }

    private Var parameter(String name, Shape shape, Initial initial, Parameter.Role role, List<Integer> rowGroups) {
        String fullName = prefix + name;
        Var variable = values.variable(fullName, shape, initial);
        if (declared != null
                && declared.putIfAbsent(fullName, new Parameter(fullName, variable, role, rowGroups)) != null) {
            throw new IllegalStateException("two parameters are named " + fullName);
        }
        return variable;
    }

    /// All parameters declared under this root so far, in order of declaration.
    public List<Parameter> parameters() {
        return declared == null ? List.of() : List.copyOf(declared.values());
    }
}
