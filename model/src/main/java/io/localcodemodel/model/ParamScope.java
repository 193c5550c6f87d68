package io.localcodemodel.model;

import io.localcodemodel.tensor.Randomness;
import io.localcodemodel.tensor.Shape;
import io.localcodemodel.tensor.Tensor;
import io.localcodemodel.tensor.Var;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where layers declare their parameters by name and shape.
///
/// The same constructors of layers serve a fresh model and one whose values come from a file: only the root scope
/// differs. Initial values are seeded per name, so a new layer disturbs no other.
public final class ParamScope {
    /// What gives a parameter its first values.
    @FunctionalInterface
    private interface Values {
        void fill(String name, Tensor values, Initial initial);
    }

    private final String prefix;
    private final Values values;
    private final Map<String, Parameter> declared;

    private ParamScope(String prefix, Values values, Map<String, Parameter> declared) {
        this.prefix = prefix;
        this.values = values;
        this.declared = declared;
    }

    /// A root scope whose parameters get their initial values.
    public static ParamScope initialising(long seed) {
        return new ParamScope(
                "",
                (name, values, initial) -> initial.fill(values, Randomness.seedFor(seed, name)),
                new LinkedHashMap<>());
    }

    /// A root scope whose parameters are zeros, to be filled from elsewhere.
    public static ParamScope zeros() {
        return new ParamScope("", (name, values, initial) -> {}, new LinkedHashMap<>());
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
        Tensor value = Tensor.zeros(shape);
        values.fill(fullName, value, initial);
        Var variable = Var.parameter(value);
        if (declared.putIfAbsent(fullName, new Parameter(fullName, variable, role, rowGroups)) != null) {
            throw new IllegalStateException("two parameters are named " + fullName);
        }
        return variable;
    }

    /// All parameters declared under this root so far, in order of declaration.
    public List<Parameter> parameters() {
        return List.copyOf(declared.values());
    }
}
