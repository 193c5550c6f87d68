package io.localcodemodel.inference;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a builder was told and what was wrong with it. Problems are collected, so that all are named together.
final class Settings {
    private final String subject;
    private final Set<String> seen = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

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

    /// A problem where `name` was not set.
    void require(String name) {
        if (!seen.contains(name)) {
            problems.add(name + " is missing");
        }
    }

    /// A problem where `name` was set.
    void conflict(String name, String problem) {
        if (seen.contains(name)) {
            problems.add(problem);
        }
    }

    /// A problem in the given words.
    void problem(String problem) {
        problems.add(problem);
    }

    /// Throws when there is a problem.
    void check() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(subject + " refused: " + String.join("; ", problems));
        }
    }
}
