package io.localcodemodel.tokenizer;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/// How a model is shown a gap in a text, so that it writes what belongs between.
///
/// ```java
/// InfillFormat format = tokenizer.infillFormat().orElseThrow();
/// int[] prompt = format.encode("int gcd(int a, int b) {", "}");
/// ```
///
/// Most families put `PREFIX before SUFFIX after MIDDLE` and go on with the gap (Bavarian et al. 2022, "Efficient
/// training of language models to fill in the middle", the order PSM), Codestral `SUFFIX after PREFIX before`. The marks are
/// those of the family that the vocabulary belongs to; marks spelled in the texts are text.
///
/// What the tokenizer puts before every text, as a begin-of-text token, is not part of the format and comes first.
public final class InfillFormat {

    private final Tokenizer tokenizer;
    private final InfillFamily family;
    private final boolean suffixFirst;
    private final int[] opening;
    private final int[] between;
    private final int[] closing;
    private final Set<Integer> ends;

    private InfillFormat(Tokenizer tokenizer, InfillFamily family, boolean suffixFirst) {
        this.tokenizer = tokenizer;
        this.family = family;
        this.suffixFirst = suffixFirst;
        int prefix = family.prefix(tokenizer);
        int suffix = family.suffix(tokenizer);
        OptionalInt middle = family.middle(tokenizer);
        if (middle.isEmpty()) {
            this.opening = new int[] {suffix};
            this.between = new int[] {prefix};
            this.closing = new int[0];
        } else if (suffixFirst) {
            this.opening = new int[] {prefix, suffix};
            this.between = new int[] {middle.getAsInt()};
            this.closing = new int[0];
        } else {
            this.opening = new int[] {prefix};
            this.between = new int[] {suffix};
            this.closing = new int[] {middle.getAsInt()};
        }
        Set<Integer> found = new LinkedHashSet<>(List.of(prefix, suffix));
        middle.ifPresent(found::add);
        found.addAll(family.ends(tokenizer));
        this.ends = Set.copyOf(found);
    }

    /// Recognises the family of a vocabulary by its tokens.
    static Optional<InfillFormat> of(Tokenizer tokenizer) {
        for (InfillFamily family : InfillFamily.values()) {
            if (family.recognises(tokenizer)) {
                return Optional.of(new InfillFormat(
                        tokenizer, family, family.middle(tokenizer).isEmpty()));
            }
        }
        return Optional.empty();
    }

    /// Returns the marks of every known family, for a message about a vocabulary that has none of them.
    public static String knownMarks() {
        return InfillFamily.marks();
    }

    /// Returns the name of the family whose marks the vocabulary has, as `Qwen Coder`.
    public String family() {
        return family.label();
    }

    /// Whether the text after the gap is shown before the text before it.
    public boolean suffixFirst() {
        return suffixFirst;
    }

    /// Returns the format in which the text after the gap comes first (the order SPM: `PREFIX SUFFIX after MIDDLE before`),
    /// which Code Llama and StarCoder were also trained with. What is then written follows `before` without a mark.
    public InfillFormat withSuffixFirst() {
        return suffixFirst ? this : new InfillFormat(tokenizer, family, true);
    }

    /// Returns the tokens after which a gap is filled, besides those that end every text.
    public Set<Integer> ends() {
        return ends;
    }

    /// Returns how many marks there are around the texts.
    public int marks() {
        return opening.length + between.length + closing.length;
    }

    /// Returns the tokens that show a gap, without what the tokenizer puts before every text.
    public int[] encode(String before, String after) {
        return join(encodeBefore(before), encodeAfter(after));
    }

    /// Returns the tokens of the text before a gap, of which some may be left out before [#join].
    public int[] encodeBefore(String before) {
        return tokenizer.encode(before);
    }

    /// Returns the tokens of the text after a gap, of which some may be left out before [#join]. Where the vocabulary puts a
    /// space before the first word of a text, it puts none here.
    public int[] encodeAfter(String after) {
        return tokenizer.encodeContinuation(after);
    }

    /// Puts the marks around the tokens of two texts.
    public int[] join(int[] before, int[] after) {
        return Arrays.stream(new int[][] {
                    opening, suffixFirst ? after : before, between, suffixFirst ? before : after, closing
                })
                .flatMapToInt(IntStream::of)
                .toArray();
    }

    /// Whether the family has a form for other files of the same repository.
    public boolean showsRepositories() {
        return family.repository() != InfillFamily.Repository.NONE
                && tokenizer.special(SpecialRole.REPOSITORY_NAME).isPresent()
                && tokenizer.special(SpecialRole.FILE_SEPARATOR).isPresent();
    }

    /// Returns the tokens that show a gap in a file together with other files of its repository.
    ///
    /// @param repository the repository's name
    /// @param files other files, the most important last
    /// @param path the path of the file with the gap
    /// @throws UnsupportedOperationException if the family has no form for repositories
    public int[] encode(String repository, List<RepositoryFile> files, String path, String before, String after) {
        int[] others = encodeRepository(repository, files, path);
        return IntStream.concat(Arrays.stream(others), Arrays.stream(encode(firstLine(path) + before, after)))
                .toArray();
    }

    /// Returns the tokens of a repository that come before those of a gap, whose text before it begins with
    /// [#firstLine]; throws what [#encode] does.
    public int[] encodeRepository(String repository, List<RepositoryFile> files, String path) {
        if (!showsRepositories()) {
            throw new UnsupportedOperationException("models of the family " + family.label()
                    + " are not shown repositories: put what matters before the gap as text");
        }
        boolean qwen = family.repository() == InfillFamily.Repository.QWEN;
        String line = qwen ? "\n" : "";
        int name = tokenizer.special(SpecialRole.REPOSITORY_NAME).orElseThrow();
        int separator = tokenizer.special(SpecialRole.FILE_SEPARATOR).orElseThrow();
        IntStream.Builder tokens = IntStream.builder();
        tokens.add(name);
        add(tokens, repository + line);
        for (RepositoryFile file : files) {
            tokens.add(separator);
            add(tokens, file.path() + "\n" + file.content() + line);
        }
        tokens.add(separator);
        if (qwen) {
            add(tokens, path + "\n");
        }
        return tokens.build().toArray();
    }

    /// Returns what the text before a gap begins with where a repository is shown: the path, if that stands inside the gap's
    /// marks, or nothing.
    public String firstLine(String path) {
        return family.repository() == InfillFamily.Repository.STAR_CODER ? path + "\n" : "";
    }

    private void add(IntStream.Builder tokens, String text) {
        for (int id : tokenizer.encode(text)) {
            tokens.add(id);
        }
    }

    @Override
    public String toString() {
        return "InfillFormat[" + family.label() + (suffixFirst ? ", suffix first]" : "]");
    }
}
