package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.RepositoryFile;
import java.util.List;

/// What a model is shown of a gap beside the texts around it, and in which order. A value.
///
/// ```java
/// InfillOptions shown = InfillOptions.inRepository("shop", "src/Cart.java", List.of(new RepositoryFile(path, content)));
/// Completion completion = code.infill(before, after, shown, GenerationOptions.greedy(64));
/// ```
///
/// @param repository the name of the repository
/// @param path where the file with the gap is in the repository; empty where no repository is shown
/// @param files other files of the repository, the most important last; those that find no place are left out, whole,
///     the least important first
/// @param suffixFirst whether the text after the gap is shown before the text before it
///     (see [io.localcodemodel.tokenizer.InfillFormat#withSuffixFirst()])
public record InfillOptions(String repository, String path, List<RepositoryFile> files, boolean suffixFirst) {
    /// The two texts alone, in the order of the model's family.
    public static final InfillOptions DEFAULTS = new InfillOptions("", "", List.of(), false);

    /// Checks that files and a repository come with a path.
    ///
    /// @throws IllegalArgumentException if they do not
    public InfillOptions {
        files = List.copyOf(files);
        if (path.isEmpty() && !(repository.isEmpty() && files.isEmpty())) {
            throw new IllegalArgumentException("infill options: expected the path of the file with the gap beside the"
                    + " repository '" + repository + "' and its " + files.size() + " other files, found none");
        }
    }

    /// A gap in a file of a repository. Only some families know the form; see
    /// [io.localcodemodel.tokenizer.InfillFormat#showsRepositories()].
    public static InfillOptions inRepository(String repository, String path, List<RepositoryFile> files) {
        return new InfillOptions(repository, path, files, false);
    }

    /// The same with the text after the gap first. Models follow this order if they were trained with it, as Code Llama
    /// and StarCoder were.
    public InfillOptions withSuffixFirst() {
        return new InfillOptions(repository, path, files, true);
    }

    boolean showsRepository() {
        return !path.isEmpty();
    }
}
