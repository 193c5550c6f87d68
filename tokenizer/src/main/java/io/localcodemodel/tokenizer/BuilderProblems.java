package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What is wrong with the settings of a builder, so that all of it can be named together.
final class BuilderProblems {

    private final String what;
    private final Set<String> seen = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    BuilderProblems(String what) {
        this.what = what;
    }

    /// Notes that a setting was given; the second time is a problem.
    void once(String setting) {
        if (!seen.add(setting)) {
            problems.add(setting + " is set twice");
        }
    }

    void missing(String setting, String why) {
        problems.add(setting + " is missing: " + why);
    }

    void add(String problem) {
        problems.add(problem);
    }

    /// @throws IllegalArgumentException if there is any problem
    void refuse() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("Cannot build " + what + ": " + String.join("; ", problems) + ".");
        }
    }
}
