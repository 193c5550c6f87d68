package io.localcodemodel.inference;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a builder was told and what was wrong with it. Problems are collected, so that all are named together.
final class Settings {
    private final String subject;
    private final Set<String> seen = new HashSet<>();
    private final Set<String> given = new HashSet<>();
    /// What was wrong with a value, which stays wrong.
    private final List<String> problems = new ArrayList<>();
    /// What is wrong as things stand, and may be put right before the next [#check()].
    private final List<String> open = new ArrayList<>();

    /// @param subject what is being built, for the message
    Settings(String subject) {
        this.subject = subject;
    }

    /// Takes the value called `name`; a second time, or a refusal by `assignment`, is a problem.
    void set(String name, Runnable assignment) {
        if (!seen.add(name)) {
            problems.add(name + " is set twice");
            return;
        }
        try {
            assignment.run();
        } catch (IllegalArgumentException refused) {
            problems.add(String.valueOf(refused.getMessage()));
        }
    }

    /// Takes `name` as given, so that it is not missing and may still be set.
    void given(String name) {
        given.add(name);
    }

    /// A problem where `name` was not set.
    void require(String name) {
        if (!seen.contains(name) && !given.contains(name)) {
            open.add(name + " is missing");
        }
    }

    /// A problem where `name` was set.
    void conflict(String name, String problem) {
        if (seen.contains(name)) {
            open.add(problem);
        }
    }

    /// A problem in the given words.
    void problem(String problem) {
        open.add(problem);
    }

    /// Throws when there is a problem. Afterwards only what was wrong with a value is one still.
    void check() {
        List<String> all = new ArrayList<>(problems);
        all.addAll(open);
        open.clear();
        if (!all.isEmpty()) {
            throw new IllegalArgumentException(subject + " refused: " + String.join("; ", all));
        }
    }
}
