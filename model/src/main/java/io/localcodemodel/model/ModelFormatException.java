package io.localcodemodel.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A model's file that cannot be used; the message names the file, the place, what was expected and found, and the next
/// step.
public final class ModelFormatException extends IOException {
    private static final long serialVersionUID = 1;
    /// How many problems a message spells out.
    private static final int SHOWN = 20;

    /// A refusal in the given words.
    public ModelFormatException(String message) {
        super(message);
    }

    /// A refusal in the given words, for a reason that was found elsewhere.
    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /// A refusal of `file` that names all problems at once, one a line where there are several.
    ///
    /// @param nextStep what the reader can do, a whole sentence
    public static ModelFormatException of(Path file, List<String> problems, String nextStep) {
        return new ModelFormatException(file + ": " + join(problems) + (nextStep.isEmpty() ? "" : "\n" + nextStep));
    }

    /// The problems as one text: as it is when there is only one, else one a line.
    public static String join(List<String> problems) {
        if (problems.size() == 1) {
            return problems.getFirst();
        }
        StringBuilder text = new StringBuilder(problems.size() + " problems:");
        for (String problem : problems.subList(0, Math.min(SHOWN, problems.size()))) {
            text.append("\n  - ").append(problem);
        }
        if (problems.size() > SHOWN) {
            text.append("\n  - and ").append(problems.size() - SHOWN).append(" more");
        }
        return text.toString();
    }
}
