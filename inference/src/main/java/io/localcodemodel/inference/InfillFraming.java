package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.InfillFormat;
import io.localcodemodel.tokenizer.RepositoryFile;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Fits a gap into a model's context, in the format that the tokenizer knows.
final class InfillFraming {
    /// The share of the room that the text after the gap may take where both texts do not fit: what comes before a cursor
    /// says more about what comes next.
    private static final int AFTER_SHARE = 4;

    private final Tokenizer tokenizer;
    private final Framing framing;
    private final InfillFormat format;

    private InfillFraming(Tokenizer tokenizer, Framing framing, InfillFormat format) {
        this.tokenizer = tokenizer;
        this.framing = framing;
        this.format = format;
    }

    static Optional<InfillFraming> of(Tokenizer tokenizer, Framing framing) {
        return tokenizer.infillFormat().map(format -> new InfillFraming(tokenizer, framing, format));
    }

    /// Why a model cannot infill, as a sentence.
    static String missing(Tokenizer tokenizer) {
        return tokenizer.config().infilling().orElse(true)
                ? "its tokenizer has the marks of no known family (" + InfillFormat.knownMarks()
                        + "). Use a model that was trained to fill gaps, or complete the text before the gap alone."
                : "its tokenizer_config.json says that it was not trained to (infilling: false). Train it to fill gaps"
                        + " and save it with a tokenizer that says so,"
                        + " tokenizer.withConfig(config().withInfilling(true)), or complete the text before the gap"
                        + " alone.";
    }

    /// The marks of gaps and of repositories.
    Set<Integer> ends() {
        return format.ends();
    }

    /// The tokens that show a gap.
    ///
    /// @param dropped how many tokens of the texts around the gap and of other files found no place
    record Prompt(int[] tokens, int dropped) {}

    /// Shows a gap.
    ///
    /// @throws IllegalArgumentException if it does not fit into the context and the policy is to refuse that
    /// @throws UnsupportedOperationException if a repository is to be shown and the family has no form for it
    Prompt prompt(String before, String after, InfillOptions shown, int contextLength, GenerationOptions options) {
        InfillFormat order = shown.suffixFirst() ? format.withSuffixFirst() : format;
        Repository repository = Repository.of(order, framing, shown);
        int[] left = order.encodeBefore(repository.line() + before);
        int[] right = order.encodeAfter(after);
        int[] line = repository.lineTokens();
        int marks = framing.begin().length + order.marks() + repository.head() + line.length;
        boolean refuse = options.contextPolicy() == ContextPolicy.REFUSE;
        int room = (refuse ? contextLength : Context.room(contextLength, options.maximumTokens())) - marks;
        if (room < 0) {
            throw new IllegalArgumentException("a context of " + contextLength + " tokens has no room for the " + marks
                    + " tokens that mark a gap and a completion");
        }
        int around = Math.max(0, left.length - line.length) + right.length;
        int length = around + repository.tokens();
        if (refuse && length > room) {
            throw new IllegalArgumentException("the texts around the gap have " + left.length + " and " + right.length
                    + " tokens, other files " + repository.tokens() + ", the model's context has room for " + room
                    + ": shorten them, or choose ContextPolicy.KEEP_LAST");
        }
        int[][] texts = around <= room ? new int[][] {left, right} : cut(left, right, line, room);
        TokenList prompt = new TokenList();
        prompt.addAll(framing.begin());
        if (shown.showsRepository()) {
            List<RepositoryFile> files = repository.fitting(shown.files(), room - around);
            prompt.addAll(order.encodeRepository(shown.repository(), files, shown.path()));
        }
        prompt.addAll(order.join(texts[0], texts[1]));
        return new Prompt(prompt.toArray(), Math.max(0, length + marks - prompt.length()));
    }

    /// The texts around a gap without what is farthest from it, cut between characters: half of one says nothing. The line
    /// before the first text stays.
    private int[][] cut(int[] left, int[] right, int[] line, int room) {
        int rightKept = Math.min(right.length, Math.max(room / AFTER_SHARE, room - (left.length - line.length)));
        int leftFrom = left.length - (room - rightKept);
        while (!ShownText.isWhole(tokenizer, right, rightKept)) {
            rightKept--;
        }
        int[] rightText = Arrays.copyOf(right, rightKept);
        if (leftFrom <= line.length) {
            return new int[][] {left, rightText};
        }
        while (!ShownText.isWhole(tokenizer, left, leftFrom)) {
            leftFrom++;
        }
        TokenList kept = new TokenList();
        kept.addAll(line);
        kept.addAll(Arrays.copyOfRange(left, leftFrom, left.length));
        return new int[][] {kept.toArray(), rightText};
    }

    /// What stands before a gap in a repository.
    ///
    /// @param head how many tokens stand there without other files
    /// @param files how many tokens each of the other files takes
    /// @param line what the text before the gap begins with
    /// @param lineTokens the tokens of that
    private record Repository(int head, int[] files, String line, int[] lineTokens) {
        static Repository of(InfillFormat format, Framing framing, InfillOptions shown) {
            if (!shown.showsRepository()) {
                return new Repository(0, new int[0], "", new int[0]);
            }
            int head = format.encodeRepository(shown.repository(), List.of(), shown.path()).length;
            int[] files = shown.files().stream()
                    .mapToInt(file ->
                            format.encodeRepository(shown.repository(), List.of(file), shown.path()).length - head)
                    .toArray();
            String line = format.firstLine(shown.path());
            return new Repository(head, files, line, line.isEmpty() ? new int[0] : framing.encode(line));
        }

        int tokens() {
            return Arrays.stream(files).sum();
        }

        /// As many of the last files as there is room for.
        List<RepositoryFile> fitting(List<RepositoryFile> all, int room) {
            int left = room;
            int first = files.length;
            while (first > 0 && files[first - 1] <= left) {
                first--;
                left -= files[first];
            }
            return all.subList(first, files.length);
        }
    }
}
