package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.InfillFormat;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.Arrays;
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
    /// @param dropped how many tokens of the texts around the gap found no place
    record Prompt(int[] tokens, int dropped) {}

    /// Shows a gap.
    ///
    /// @throws IllegalArgumentException if they do not fit into the context and the policy is to refuse that
    Prompt prompt(String before, String after, int contextLength, GenerationOptions options) {
        int[] left = format.encodeBefore(before);
        int[] right = format.encodeAfter(after);
        int marks = framing.begin().length + format.marks();
        int length = left.length + right.length;
        int room = contextLength - marks;
        if (options.contextPolicy() != ContextPolicy.REFUSE) {
            room = Context.room(contextLength, options.maximumTokens()) - marks;
            if (room < 0) {
                throw new IllegalArgumentException("a context of " + contextLength + " tokens has no room for the "
                        + marks + " tokens that mark a gap and a completion");
            }
            int rightKept = Math.min(right.length, Math.max(room / AFTER_SHARE, room - left.length));
            int leftFrom = Math.max(0, left.length - (room - rightKept));
            // Half a character says nothing.
            while (!ShownText.isWhole(tokenizer, right, rightKept)) {
                rightKept--;
            }
            while (!ShownText.isWhole(tokenizer, left, leftFrom)) {
                leftFrom++;
            }
            right = Arrays.copyOf(right, rightKept);
            left = Arrays.copyOfRange(left, leftFrom, left.length);
        } else if (length > room) {
            throw new IllegalArgumentException("the texts around the gap have " + left.length + " and " + right.length
                    + " tokens, the model's context has room for " + room
                    + ": shorten them, or choose ContextPolicy.KEEP_LAST");
        }
        TokenList prompt = new TokenList();
        prompt.addAll(framing.begin());
        prompt.addAll(format.join(left, right));
        return new Prompt(prompt.toArray(), length - left.length - right.length);
    }
}
