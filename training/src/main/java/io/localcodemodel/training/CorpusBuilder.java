package io.localcodemodel.training;

import io.localcodemodel.training.CorpusItem.Place;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects the sources of a [Corpus]; nothing is read before [#build()].
public final class CorpusBuilder {
    /// The longest document taken by default: 16 MiB, far above any source file written by hand, and a bound for an
    /// archive entry that unpacks to more than it says.
    public static final int MAXIMUM_DOCUMENT_BYTES = 16 << 20;
    /// The most bytes taken by default: 16 GiB, a bound for an archive made to unpack without end.
    public static final long MAXIMUM_BYTES = 16L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(Corpus.class);
    /// Documents named in a message; the rest are counted.
    private static final int NAMED = 10;

    private final List<Source> sources = new ArrayList<>();
    private boolean skips;
    private int maximumDocumentBytes = MAXIMUM_DOCUMENT_BYTES;
    private long maximumBytes = MAXIMUM_BYTES;

    private sealed interface Source {
        record Files(Path path, String[] globs) implements Source {}

        record Text(String path, String text) implements Source {}
    }

    CorpusBuilder() {}

    /// Adds a folder, a `.zip` or `.jar` file, or a single file; see [Corpus#files].
    public CorpusBuilder add(Path source, String... globs) {
        sources.add(new Source.Files(source, globs.clone()));
        return this;
    }

    /// Adds a string under a path of the caller's choice.
    public CorpusBuilder addText(String path, String text) {
        sources.add(new Source.Text(path, text));
        return this;
    }

    /// Leaves out documents that are not UTF-8, too large or unreadable, and folders that cannot be listed, and lists them in [Corpus#skipped()]. Without
    /// this call they are refused.
    public CorpusBuilder skipUnusable() {
        skips = true;
        return this;
    }

    /// The longest document taken, in bytes; [#MAXIMUM_DOCUMENT_BYTES] unless set.
    public CorpusBuilder maximumDocumentBytes(int bytes) {
        maximumDocumentBytes = bytes;
        return this;
    }

    /// The most bytes taken from all sources together; [#MAXIMUM_BYTES] unless set.
    public CorpusBuilder maximumBytes(long bytes) {
        maximumBytes = bytes;
        return this;
    }

    /// Finds and reads all documents once.
    ///
    /// @throws CorpusException if a source is missing, there is no document, all documents are empty, or (unless they are
    ///     skipped) one cannot be used; all problems are named together
    public Corpus build() {
        List<String> problems = new ArrayList<>();
        if (sources.isEmpty()) {
            problems.add("no source was given; call add(path, globs) or addText(path, text)");
        }
        if (maximumDocumentBytes < 1 || maximumDocumentBytes > Integer.MAX_VALUE - 16 || maximumBytes < 1) {
            problems.add("the limits have to be positive, found " + maximumDocumentBytes + " bytes a document and "
                    + maximumBytes + " in all");
        }
        List<CorpusItem> found = new ArrayList<>();
        List<Corpus.Skipped> unusable = new ArrayList<>();
        for (Source source : sources) {
            find(source, found, unusable, problems);
        }
        refuse(problems);
        found.sort(Comparator.comparing(CorpusItem::path));
        return read(found, unusable);
    }

    private static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            int named = Math.min(NAMED, problems.size());
            String more = problems.size() > named ? "\n  and " + (problems.size() - named) + " more" : "";
            throw new CorpusException(
                    "the corpus cannot be read:\n  " + String.join("\n  ", problems.subList(0, named)) + more);
        }
    }

    // ---------------------------------------------------------------- finding

    private static void find(
            Source source, List<CorpusItem> found, List<Corpus.Skipped> unusable, List<String> problems) {
        switch (source) {
            case Source.Text text ->
                found.add(new CorpusItem(
                        text.path(), new Place.Memory(text.path(), text.text().getBytes(StandardCharsets.UTF_8)), -1));
            case Source.Files files -> {
                int before = found.size();
                try {
                    int seen = find(files.path(), Glob.of(files.globs()), found, unusable);
                    if (found.size() == before) {
                        problems.add(files.path() + " holds " + seen + " files, none that matches "
                                + List.of(files.globs()) + "; give other globs or another path");
                    }
                } catch (IOException e) {
                    problems.add(files.path() + ": " + e);
                }
            }
        }
    }

    /// Adds the wanted documents of one source; returns how many files there were.
    private static int find(Path path, Glob glob, List<CorpusItem> found, List<Corpus.Skipped> unusable)
            throws IOException {
        if (!Files.exists(path)) {
            throw new IOException("there is no such file or folder");
        }
        if (Files.isDirectory(path)) {
            // A link given as the source itself is followed, links inside it are not: no loops, no way out.
            FolderSearch search = new FolderSearch(path.toRealPath(), glob, found, unusable);
            Files.walkFileTree(search.root, search);
            return search.seen;
        }
        String name = path.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".zip") || lower.endsWith(".jar")) {
            return findInArchive(path, glob, found);
        }
        if (glob.accepts(name)) {
            found.add(new CorpusItem(name, new Place.File(path), -1));
        }
        return 1;
    }

    /// Collects the wanted documents of a folder, and what of it cannot be looked at.
    static final class FolderSearch extends SimpleFileVisitor<Path> {
        private final Path root;
        private final Glob glob;
        private final List<CorpusItem> found;
        private final List<Corpus.Skipped> unusable;
        private int seen;

        FolderSearch(Path root, Glob glob, List<CorpusItem> found, List<Corpus.Skipped> unusable) {
            this.root = root;
            this.glob = glob;
            this.found = found;
            this.unusable = unusable;
        }

        private String inside(Path file) {
            return root.relativize(file).toString().replace(File.separatorChar, '/');
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
                seen++;
                String path = inside(file);
                if (glob.accepts(path)) {
                    found.add(new CorpusItem(path, new Place.File(file), -1));
                }
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException problem) {
            // A file that is not wanted may vanish or be closed to us.
            if (Files.isDirectory(file) || glob.accepts(inside(file))) {
                unusable.add(new Corpus.Skipped(file.toString(), file + " cannot be read: " + problem));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException problem) {
            return problem == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, problem);
        }
    }

    private static int findInArchive(Path archive, Glob glob, List<CorpusItem> found) throws IOException {
        try (CorpusItem.Reader reader = new CorpusItem.Reader()) {
            ZipFile zip = reader.archive(archive);
            Set<String> names = new HashSet<>();
            for (Iterator<? extends ZipEntry> entries = zip.entries().asIterator(); entries.hasNext(); ) {
                ZipEntry entry = entries.next();
                if (!entry.isDirectory() && names.add(entry.getName()) && glob.accepts(entry.getName())) {
                    found.add(new CorpusItem(entry.getName(), new Place.Entry(archive, entry.getName()), -1));
                }
            }
            return names.size();
        }
    }

    // ---------------------------------------------------------------- reading once

    /// @param unusable what was left out so far; gets what else is
    private Corpus read(List<CorpusItem> found, List<Corpus.Skipped> unusable) {
        int all = found.size() + unusable.size();
        List<CorpusItem> items = new ArrayList<>(found.size());
        MessageDigest digest = PathHash.sha256();
        long total = 0;
        try (CorpusItem.Reader reader = new CorpusItem.Reader()) {
            for (CorpusItem item : found) {
                try {
                    byte[] content = reader.read(item, maximumDocumentBytes);
                    CorpusItem.decode(item.place(), content);
                    total += content.length;
                    if (total > maximumBytes) {
                        throw new CorpusException("the corpus holds more than " + maximumBytes
                                + " bytes, the limit for all documents (maximumBytes); it was passed at "
                                + item.place());
                    }
                    items.add(new CorpusItem(item.path(), item.place(), content.length));
                    digest.update((item.path() + '\0' + content.length + '\0').getBytes(StandardCharsets.UTF_8));
                    digest.update(content);
                } catch (CorpusItem.Refused e) {
                    unusable.add(new Corpus.Skipped(item.place().toString(), e.reason()));
                }
            }
        }
        if (!skips && !unusable.isEmpty()) {
            List<String> problems = new ArrayList<>(
                    unusable.stream().map(Corpus.Skipped::reason).toList());
            problems.addFirst(unusable.size() + " of " + all
                    + " documents cannot be used; narrow the globs, or leave them out with"
                    + " Corpus.builder().add(path, globs).skipUnusable().build()");
            refuse(problems);
        }
        if (total == 0) {
            throw new CorpusException("the corpus is empty: of " + all + " documents " + unusable.size()
                    + " were skipped and the others hold no text");
        }
        if (!unusable.isEmpty()) {
            LOG.warn(
                    "{} of {} documents were left out of the corpus, first {}",
                    unusable.size(),
                    all,
                    unusable.getFirst().reason());
        }
        return new Corpus(items, List.of(), HexFormat.of().formatHex(digest.digest()), unusable);
    }
}
