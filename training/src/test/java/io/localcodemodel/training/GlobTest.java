package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "**/*.java | A.java | true",
                "**/*.java | a/b/A.java | true",
                "**/*.java | a/b/A.kt | false",
                "*.java | a/A.java | false",
                "a/** | a/b/c | true",
                "a/** | ab/c | false",
                "a/**/z | a/z | true",
                "a/**/z | a/b/c/z | true",
                "a/**/z | a/bz | false",
                "?.txt | a.txt | true",
                "?.txt | ab.txt | false",
                "{util,lang}/*.java | lang/A.java | true",
                "{util,lang}/*.java | text/A.java | false",
                "[A-C]x | Bx | true",
                "[!A-C]x | Bx | false",
                "[.]x | .x | true",
                "a+b(c) | a+b(c) | true",
            })
    void matches_as_documented(String glob, String path, boolean expected) {
        assertThat(Glob.of(glob).accepts(path)).isEqualTo(expected);
    }

    @Test
    void takes_everything_without_globs_and_leaves_out_what_is_negated() {
        assertThat(Glob.of().accepts("any/thing")).isTrue();
        assertThat(Glob.of("**/*.java", "!**/test/**").accepts("src/test/A.java"))
                .isFalse();
        assertThat(Glob.of("!**/test/**").accepts("src/main/A.java")).isTrue();
    }

    @Test
    void refuses_brackets_and_braces_that_do_not_close() {
        assertThatThrownBy(() -> Glob.of("{a,b")).hasMessageContaining("an opening brace without a closing one");
        assertThatThrownBy(() -> Glob.of("a}")).hasMessageContaining("a closing brace without an opening one");
        assertThatThrownBy(() -> Glob.of("[a")).hasMessageContaining("an opening bracket without a closing one");
    }
}
