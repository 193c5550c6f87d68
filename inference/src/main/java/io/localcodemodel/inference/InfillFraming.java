package io.localcodemodel.inference;

import io.localcodemodel.tokenizer.SpecialRole;
import io.localcodemodel.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// How a gap is shown to a model: `PREFIX before SUFFIX after MIDDLE`, upon which it writes what belongs between
/// (Bavarian et al. 2022, "Efficient training of language models to fill in the middle", the PSM order).
///
/// StarCoder, SantaCoder, Qwen, Granite, CodeGemma, Code Llama and DeepSeek Coder share this order and differ in how the
/// three tokens are spelled, which [SpecialRole] knows.
final class InfillFraming {
    private static final List<SpecialRole> MARKS =
            List.of(SpecialRole.INFILL_PREFIX, SpecialRole.INFILL_SUFFIX, SpecialRole.INFILL_MIDDLE);
    /// What a model writes behind the filled gap, besides its end token.
    private static final List<SpecialRole> BEHIND =
            List.of(SpecialRole.FILE_SEPARATOR, SpecialRole.REPOSITORY_NAME, SpecialRole.PADDING);
    /// Code Llama's end of a filled gap.
    private static final List<String> GAP_ENDS = List.of("<EOT>", "▁<EOT>");
    /// The share of the room that the text after the gap may take where both texts do not fit: what comes before a cursor
    /// says more about what comes next.
    private static final int AFTER_SHARE = 4;

    private final Framing framing;
    private final int prefix;
    private final int suffix;
    private final int middle;
    private final Set<Integer> ends;

    private InfillFraming(Tokenizer tokenizer, Framing framing, int[] marks) {
        this.framing = framing;
        this.prefix = marks[0];
        this.suffix = marks[1];
        this.middle = marks[2];
        Set<Integer> found = new HashSet<>(Set.of(prefix, suffix, middle));
        for (SpecialRole role : BEHIND) {
            tokenizer.special(role).ifPresent(found::add);
        }
        for (String name : GAP_ENDS) {
            tokenizer.id(name).ifPresent(found::add);
        }
        this.ends = Set.copyOf(found);
    }

    static Optional<InfillFraming> of(Tokenizer tokenizer, Framing framing) {
        int[] marks = MARKS.stream()
                .map(tokenizer::special)
                .filter(OptionalInt::isPresent)
                .mapToInt(OptionalInt::getAsInt)
                .toArray();
        return marks.length == MARKS.size()
                ? Optional.of(new InfillFraming(tokenizer, framing, marks))
                : Optional.empty();
    }

    /// What a tokenizer lacks, as a sentence.
    static String missing(Tokenizer tokenizer) {
        List<String> lacking = new ArrayList<>();
        for (SpecialRole role : MARKS) {
            if (tokenizer.special(role).isEmpty()) {
                lacking.add(role + " (spelled " + String.join(" or ", role.names()) + ")");
            }
        }
        return "its tokenizer has no token for " + String.join(", ", lacking)
                + ". Use a model that was trained to fill gaps, or complete the text before the gap alone.";
    }

    /// Tokens that end a filled gap, besides those that end every text.
    Set<Integer> ends() {
        return ends;
    }

    /// The tokens that show a gap.
    ///
    /// @throws IllegalArgumentException if they do not fit into the context and the policy is to refuse that
    int[] prompt(String before, String after, int contextLength, GenerationOptions options) {
        int[] left = framing.encode(before);
        int[] right = framing.encodeContinuation(after);
        int marks = framing.begin().length + MARKS.size();
        int room = contextLength - marks;
        if (options.contextPolicy() != ContextPolicy.REFUSE) {
            room = Context.room(contextLength, options.maximumTokens()) - marks;
            if (room < 0) {
                throw new IllegalArgumentException("a context of " + contextLength + " tokens has no room for the "
                        + marks + " tokens that mark a gap and a completion");
            }
            int rightKept = Math.min(right.length, Math.max(room / AFTER_SHARE, room - left.length));
            int leftKept = Math.min(left.length, room - rightKept);
            right = Arrays.copyOf(right, rightKept);
            left = Arrays.copyOfRange(left, left.length - leftKept, left.length);
        } else if (left.length + right.length > room) {
            throw new IllegalArgumentException("the texts around the gap have " + left.length + " and " + right.length
                    + " tokens, the model's context has room for " + room
                    + ": shorten them, or choose ContextPolicy.KEEP_LAST");
        }
        TokenList prompt = new TokenList();
        prompt.addAll(framing.begin());
        prompt.add(prefix);
        prompt.addAll(left);
        prompt.add(suffix);
        prompt.addAll(right);
        prompt.add(middle);
        return prompt.toArray();
    }
}
