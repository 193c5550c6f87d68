package io.localcodemodel.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.localcodemodel.inference.CodeModel;
import io.localcodemodel.model.Transformer;
import io.localcodemodel.model.TransformerConfig;
import io.localcodemodel.tokenizer.BpeTrainer;
import io.localcodemodel.tokenizer.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Completing what is typed.
class CompleteCodeTest {
    @TempDir
    private Path model;

    /// What a conversation of these lines says beside the completions.
    private String notes(String typed) throws IOException {
        InputStream in = System.in;
        PrintStream err = System.err;
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
            System.setErr(new PrintStream(notes, true, StandardCharsets.UTF_8));
            assertThat(new CommandLine(new CompleteCode()).execute(model.toString(), "--tokens", "3"))
                    .isZero();
        } finally {
            System.setIn(in);
            System.setErr(err);
        }
        return notes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_line_that_is_refused_does_not_end_the_conversation() throws IOException {
        Tokenizer tokenizer =
                BpeTrainer.builder().vocabularySize(256).specialTokens().build().train(List.of("abc"));
        Transformer transformer = Transformer.initialise(
                TransformerConfig.llama()
                        .vocabularySize(tokenizer.vocabularySize())
                        .contextLength(16)
                        .layers(1)
                        .width(8)
                        .heads(1)
                        .build(),
                1);
        CodeModel.save(model, transformer, tokenizer);
        assertThat(notes("\n:file nowhere\nabc\n"))
                .contains("there is no text to continue", "cannot read that file: nowhere", "[3 prompt tokens");
    }
}
