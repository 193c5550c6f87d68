package io.localcodemodel.model.family;

import io.localcodemodel.model.ModelFormatException;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.model.file.TensorEntry;
import io.localcodemodel.model.file.TensorFile;
import io.localcodemodel.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How the tensors of a file compare with those a config asks for: everything that is missing, misshaped or unexpected,
/// at once, with guesses.
public final class LoadReport {
    /// Names are compared for guesses only while there are at most this many on either side.
    private static final int COMPARED = 200;

    private final List<String> problems = new ArrayList<>();
    private final Set<String> unexpected;
    private final TensorFile file;

    private LoadReport(TensorFile file) {
        this.file = file;
        this.unexpected = new LinkedHashSet<>(file.entries().keySet());
    }

    /// For each tensor of a model the name it has in the file.
    ///
    /// @throws ModelFormatException if they do not fit one to one
    public static Map<TensorMapping, String> match(
            Family family, TransformerConfig config, Path configFile, List<TensorMapping> mappings, TensorFile file)
            throws ModelFormatException {
        LoadReport report = new LoadReport(file);
        Map<TensorMapping, String> names = new LinkedHashMap<>();
        List<TensorMapping> missing = new ArrayList<>();
        for (TensorMapping mapping : mappings) {
            String name = report.find(mapping.name(), family.otherName(mapping.name()));
            if (name == null) {
                missing.add(mapping);
            } else {
                report.checkElements(mapping, name);
                names.put(mapping, name);
            }
        }
        report.unexpected.removeIf(name -> family.ignores(config, name));
        report.explain(missing);
        if (!report.problems.isEmpty()) {
            throw ModelFormatException.of(
                    file.path(),
                    report.problems,
                    "These are the differences from what " + configFile.getFileName() + " describes ("
                            + family.modelType()
                            + ", " + config.layers() + " layers, width " + config.width() + ", vocabulary "
                            + config.vocabularySize() + "). Use the two files that belong together.");
        }
        return names;
    }

    private @Nullable String find(String name, @Nullable String otherName) {
        if (unexpected.remove(name)) {
            return name;
        }
        return otherName != null && unexpected.remove(otherName) ? otherName : null;
    }

    private void checkElements(TensorMapping mapping, String name) {
        TensorEntry entry = file.entry(name);
        if (!entry.shape().equals(mapping.shape())) {
            problems.add("tensor " + name + ": expected shape " + mapping.shape() + ", found " + entry.shape());
        }
        if (!entry.type().readsAsFloats()) {
            problems.add("tensor " + name + ": expected elements of type F32, F16, BF16 or F64, found " + entry.type());
        }
    }

    private void explain(List<TensorMapping> missing) {
        for (TensorMapping mapping : missing) {
            String guess = missing.size() <= COMPARED && unexpected.size() <= COMPARED
                    ? closest(mapping.name(), mapping.shape())
                    : null;
            problems.add("tensor " + mapping.name() + " of shape " + mapping.shape() + " is missing"
                    + (guess == null ? "" : "; perhaps it is called " + guess + " here"));
        }
        for (String name : unexpected) {
            problems.add("tensor " + name + " of shape " + file.entry(name).shape() + " is not expected");
        }
    }

    /// The unexpected name of the same shape that differs in the fewest characters, at most a third of them.
    private @Nullable String closest(String name, Shape shape) {
        String best = null;
        int fewest = name.length() / 3 + 1;
        for (String candidate : unexpected) {
            int edits = edits(name, candidate);
            if (edits < fewest && file.entry(candidate).shape().equals(shape)) {
                fewest = edits;
                best = candidate;
            }
        }
        return best;
    }

    /// Levenshtein's distance.
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
