package io.localcodemodel.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.localcodemodel.tokenizer.CharacterTokenizer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a token and a completion allocate.
class GenerationMemoryTest {
    /// About twice what was seen with two layers.
    private static final long ALLOCATED_BYTES_PER_TOKEN = 24 << 10;

    private static GenerationOptions.Builder upTo(int tokens) {
        return GenerationOptions.builder().maximumTokens(tokens).ignoringEndOfText();
    }

    @Test
    void a_token_allocates_nothing_that_grows_with_the_model_or_the_vocabulary() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        GenerationOptions options =
                upTo(20).temperature(1).topK(40).topP(0.9f).minP(0.01f).build();
        try (CodeModel code = TinyModels.bytes();
                Session session = code.session().append("while (b != 0)")) {
            session.complete(options);
            Generation generation = session.stream(options);
            generation.next();
            long before = threads.getCurrentThreadAllocatedBytes();
            Completion completion = generation.completion();
            long perToken = (threads.getCurrentThreadAllocatedBytes() - before)
                    / completion.tokens().size();
            // What is left are the small objects that describe the tensors of a step: not the numbers in them.
            assertThat(perToken).isLessThan(ALLOCATED_BYTES_PER_TOKEN);
        }
    }

    @Test
    void a_completion_of_a_session_allocates_less_than_one_number_per_token_of_the_vocabulary() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int many = 40_000;
        StringBuilder characters = new StringBuilder();
        IntStream.range(0, many).map(i -> 0x20000 + i).forEach(characters::appendCodePoint);
        Tokenizer tokenizer = CharacterTokenizer.of(characters.toString());
        List<GenerationOptions> kinds =
                List.of(upTo(1).build(), upTo(1).temperature(1).topK(9).build());
        try (CodeModel large = TinyModels.reference(TinyModels.llama(tokenizer), tokenizer);
                Session session = large.session().appendTokens(9, 8)) {
            kinds.forEach(session::complete);
            for (GenerationOptions options : kinds) {
                long before = threads.getCurrentThreadAllocatedBytes();
                session.complete(options);
                assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan((long) many * Float.BYTES);
            }
        }
    }
}
