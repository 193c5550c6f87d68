package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    @TempDir
    Path folder;

    private Path write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Path zip(String name, Map<String, byte[]> entries) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    private static List<String> paths(Documents documents) {
        return IntStream.range(0, documents.size()).mapToObj(documents::path).toList();
    }

    private static List<String> texts(Documents documents) {
        List<String> texts = new ArrayList<>();
        documents.forEach(texts::add);
        return texts;
    }

    @Test
    void takes_the_files_of_a_folder_that_match_sorted_by_path() throws IOException {
        write("b/B.java", "class B {}");
        write("a/deep/A.java", "class A {}");
        write("Root.java", "class Root {}");
        write("a/notes.txt", "no");
        Corpus corpus = Corpus.files(folder, "**/*.java");
        assertThat(paths(corpus.training())).containsExactly("Root.java", "a/deep/A.java", "b/B.java");
        assertThat(texts(corpus.training())).containsExactly("class Root {}", "class A {}", "class B {}");
        assertThat(corpus.training().bytes()).isEqualTo(33);
        assertThat(corpus.validation().isEmpty()).isTrue();
    }

    @Test
    void takes_the_entries_of_an_archive_that_match_in_the_order_of_their_paths() throws IOException {
        Path archive = zip(
                "sources.jar",
                Map.of(
                        "java.base/java/util/List.java", bytes("interface List {}"),
                        "java.base/java/util/Arrays.java", bytes("class Arrays {}"),
                        "java.base/sun/Hidden.java", bytes("class Hidden {}")));
        Corpus corpus = Corpus.files(archive, "java.base/java/{util,lang}/**");
        assertThat(paths(corpus.training()))
                .containsExactly("java.base/java/util/Arrays.java", "java.base/java/util/List.java");
        assertThat(corpus.training().text(1)).isEqualTo("interface List {}");
        assertThat(corpus.training().documents())
                .first()
                .isEqualTo(new Document("java.base/java/util/Arrays.java", "class Arrays {}"));
    }

    @Test
    void joins_several_sources() throws IOException {
        Path file = write("One.java", "1");
        Path archive = zip("two.zip", Map.of("Two.java", bytes("2")));
        Corpus corpus = Corpus.builder()
                .addText("Three.java", "3")
                .add(file)
                .add(archive)
                .build();
        assertThat(paths(corpus.all())).containsExactly("One.java", "Three.java", "Two.java");
        assertThat(texts(corpus.all())).containsExactly("1", "3", "2");
    }

    @Test
    void has_a_hash_that_changes_with_a_path_and_with_a_text() {
        String hash = Corpus.texts(Map.of("a", "x", "b", "y")).hash();
        assertThat(Corpus.texts(Map.of("b", "y", "a", "x")).hash()).isEqualTo(hash);
        assertThat(Corpus.texts(Map.of("a", "x", "c", "y")).hash()).isNotEqualTo(hash);
        assertThat(Corpus.texts(Map.of("a", "x", "b", "z")).hash()).isNotEqualTo(hash);
        assertThat(Corpus.texts(Map.of("a", "xb", "b", "y")).hash()).isNotEqualTo(hash);
    }

    @Test
    void splits_by_whole_files_the_same_way_for_the_same_seed() {
        String[] texts = IntStream.range(0, 40).mapToObj(i -> "text " + i).toArray(String[]::new);
        Corpus corpus = Corpus.texts(texts).split(0.9, 7);
        assertThat(corpus.training().size()).isEqualTo(36);
        assertThat(corpus.validation().size()).isEqualTo(4);
        assertThat(paths(corpus.validation())).doesNotContainAnyElementsOf(paths(corpus.training()));
        assertThat(paths(Corpus.texts(texts).split(0.9, 7).validation())).isEqualTo(paths(corpus.validation()));
        assertThat(paths(corpus.split(0.9, 8).validation())).isNotEqualTo(paths(corpus.validation()));
        assertThat(paths(corpus.all())).isSorted().hasSize(40);
    }

    @Test
    void holds_out_the_files_whose_path_hash_is_divisible() {
        // Python: int.from_bytes(hashlib.sha256(path).digest(), "big") % 11 gives 8, 0, 10 and 4 for these paths.
        Corpus corpus = Corpus.texts(Map.of(
                        "java.base/java/util/ArrayDeque.java", "a",
                        "java.base/java/util/ArrayList.java", "b",
                        "java.base/java/lang/String.java", "c",
                        "java.base/java/util/AbstractSet.java", "d"))
                .splitByPathHash(11);
        assertThat(paths(corpus.validation())).containsExactly("java.base/java/util/ArrayList.java");
        assertThat(corpus.training().size()).isEqualTo(3);
        assertThatThrownBy(() -> Corpus.texts(Map.of("a", "x", "b", "y")).splitByPathHash(20))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("holds out 0");
    }

    @Test
    void keeps_at_least_one_file_on_either_side_of_a_split() {
        Corpus corpus = Corpus.texts("one", "two").split(0.999);
        assertThat(corpus.training().size()).isEqualTo(1);
        assertThat(corpus.validation().size()).isEqualTo(1);
        assertThatThrownBy(() -> Corpus.texts("one").split(0.5))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("at least 2 documents, found 1");
        assertThatThrownBy(() -> Corpus.texts("one", "two").split(1.0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void samples_by_path_hash_independent_of_the_other_files() {
        Documents four =
                Corpus.texts(Map.of("a", "1", "b", "2", "c", "3", "d", "4")).all();
        List<String> two = paths(four.sample(2));
        assertThat(two).hasSize(2).isSorted();
        assertThat(paths(four.sample(9))).hasSize(4);
        assertThat(paths(Corpus.texts(Map.of(two.get(0), "", two.get(1), "x"))
                        .all()
                        .sample(2)))
                .isEqualTo(two);
    }

    @Test
    void refuses_a_file_that_is_not_utf_8_with_the_offset_of_the_first_bad_byte() throws IOException {
        Files.write(folder.resolve("Latin.java"), new byte[] {'o', 'k', ' ', (byte) 0xE9, 'x'});
        assertThatThrownBy(() -> Corpus.files(folder, "*.java"))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("Latin.java is not UTF-8: byte 0xE9 at offset 3")
                .hasMessageContaining("skipUnusable()");
    }

    @Test
    void refuses_a_character_that_is_cut_off_at_the_end() throws IOException {
        Files.write(folder.resolve("Cut.java"), new byte[] {'a', (byte) 0xE2, (byte) 0x82});
        assertThatThrownBy(() -> Corpus.files(folder)).hasMessageContaining("not UTF-8: byte 0xE2 at offset 1");
    }

    @Test
    void takes_a_file_that_rightly_holds_a_replacement_character() throws IOException {
        write("Fine.java", "\uFFFD");
        assertThat(texts(Corpus.files(folder).all())).containsExactly("\uFFFD");
    }

    @Test
    void skips_what_it_cannot_use_when_told_to_and_lists_it() throws IOException {
        write("Good.java", "good");
        write("Large.java", "x".repeat(100));
        Files.write(folder.resolve("Latin.java"), new byte[] {(byte) 0xFF});
        Corpus corpus = Corpus.builder()
                .add(folder)
                .skipUnusable()
                .maximumDocumentBytes(50)
                .build();
        assertThat(paths(corpus.all())).containsExactly("Good.java");
        assertThat(corpus.skipped())
                .extracting(Corpus.Skipped::reason)
                .anyMatch(reason -> reason.contains("more than 50 bytes"))
                .anyMatch(reason -> reason.contains("not UTF-8: byte 0xFF at offset 0"))
                .hasSize(2);
    }

    @Test
    void refuses_an_archive_entry_that_unpacks_beyond_the_limit() throws IOException {
        Path archive = zip("bomb.zip", Map.of("zeros.txt", new byte[1 << 20]));
        assertThatThrownBy(() ->
                        Corpus.builder().add(archive).maximumDocumentBytes(1000).build())
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("zeros.txt holds more than 1000 bytes");
        assertThatThrownBy(
                        () -> Corpus.builder().add(archive).maximumBytes(1000).build())
                .hasMessageContaining("more than 1000 bytes, the limit for all documents");
    }

    @Test
    void refuses_sources_that_are_missing_or_hold_nothing_that_matches_together() throws IOException {
        write("a/Main.java", "class Main {}");
        assertThatThrownBy(() -> Corpus.builder()
                        .add(folder.resolve("absent"))
                        .add(folder, "**/*.kt")
                        .build())
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("absent: java.io.IOException: there is no such file or folder")
                .hasMessageContaining("holds 1 files, none that matches [**/*.kt]");
        assertThatThrownBy(() -> Corpus.builder().build()).hasMessageContaining("no source was given");
    }

    @Test
    void a_folder_that_cannot_be_listed_and_a_file_that_vanishes_are_two_documents_that_cannot_be_used()
            throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        List<Corpus.Skipped> unusable = new ArrayList<>();
        CorpusBuilder.FolderSearch search =
                new CorpusBuilder.FolderSearch(folder, Glob.of("**/*.java"), new ArrayList<>(), unusable);
        IOException problem = new AccessDeniedException("closed");
        assertThat(search.visitFileFailed(closed, problem)).isEqualTo(FileVisitResult.CONTINUE);
        assertThat(search.postVisitDirectory(folder, problem)).isEqualTo(FileVisitResult.CONTINUE);
        assertThat(search.postVisitDirectory(folder, null)).isEqualTo(FileVisitResult.CONTINUE);
        assertThat(search.visitFileFailed(folder.resolve("Gone.java"), problem)).isEqualTo(FileVisitResult.CONTINUE);
        assertThat(search.visitFileFailed(folder.resolve("unwanted.txt"), problem))
                .isEqualTo(FileVisitResult.CONTINUE);
        assertThat(unusable)
                .extracting(Corpus.Skipped::path)
                .containsExactly(
                        closed.toString(),
                        folder.toString(),
                        folder.resolve("Gone.java").toString());
        assertThat(unusable.getFirst().reason()).contains("closed cannot be read: ", "AccessDenied");
    }

    @Test
    void refuses_an_archive_that_is_none() throws IOException {
        Path file = write("broken.zip", "this is no archive");
        assertThatThrownBy(() -> Corpus.files(file))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("not a readable zip archive");
    }

    @Test
    void refuses_a_corpus_without_text() throws IOException {
        write("Empty.java", "");
        assertThatThrownBy(() -> Corpus.files(folder))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("the corpus is empty");
    }

    @Test
    void does_not_follow_links_inside_a_folder() throws IOException {
        write("src/Main.java", "class Main {}");
        Files.createSymbolicLink(folder.resolve("src/loop"), folder.resolve("src"));
        assertThat(paths(Corpus.files(folder.resolve("src")).all())).containsExactly("Main.java");
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("src"));
        assertThat(paths(Corpus.files(link).all())).containsExactly("Main.java");
    }

    @Test
    void notices_a_file_that_changed_after_the_corpus_was_made() throws IOException {
        Path file = write("Main.java", "class Main {}");
        Corpus corpus = Corpus.files(folder);
        Files.writeString(file, "class");
        assertThatThrownBy(() -> texts(corpus.all()))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("has shrunk from 13 to 5 bytes");
        Files.writeString(file, "final class Main {}");
        assertThatThrownBy(() -> texts(corpus.all()))
                .isInstanceOf(CorpusException.class)
                .hasMessageContaining("Main.java has grown beyond 13 bytes; make the corpus again");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
