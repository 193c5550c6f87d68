package io.localcodemodel.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A document that is known but not held: where it lies and how long it is.
///
/// @param path the path inside its source
/// @param place where the bytes are
/// @param bytes how many there were when the corpus was made; -1 before they were read
record CorpusItem(String path, Place place, int bytes) {
    /// Where the bytes of a document are.
    sealed interface Place {
        /// A file of its own.
        record File(Path file) implements Place {
            @Override
            public String toString() {
                return file.toString();
            }
        }

        /// An entry of a zip or jar file.
        record Entry(Path archive, String name) implements Place {
            @Override
            public String toString() {
                return archive + "!/" + name;
            }
        }

        /// A string in memory.
        record Memory(String name, byte[] content) implements Place {
            @Override
            public String toString() {
                return name;
            }
        }
    }

    /// Why a document cannot be used; becomes an exception or a line in the list of the skipped.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final String reason;

        Refused(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    /// Reads documents, keeping the archives they lie in open until it is closed.
    static final class Reader implements AutoCloseable {
        private final Map<Path, ZipFile> archives = new HashMap<>();

        /// The bytes of a document.
        ///
        /// @throws Refused if it holds more than `limit` bytes or cannot be read
        byte[] read(CorpusItem item, int limit) throws Refused {
            try {
                byte[] content = switch (item.place) {
                    case Place.Memory memory -> memory.content();
                    case Place.File file -> {
                        try (InputStream in = Files.newInputStream(file.file())) {
                            yield in.readNBytes(limit + 1);
                        }
                    }
                    case Place.Entry entry -> {
                        ZipFile archive = archive(entry.archive());
                        ZipEntry found = archive.getEntry(entry.name());
                        if (found == null) {
                            throw new Refused(entry + " is no longer in the archive");
                        }
                        try (InputStream in = archive.getInputStream(found)) {
                            yield in.readNBytes(limit + 1);
                        }
                    }
                };
                if (content.length > limit) {
                    throw new Refused(
                            item.bytes < 0
                                    ? item.place + " holds more than " + limit
                                            + " bytes, the limit for one document (maximumDocumentBytes)"
                                    : item.place + " has grown beyond " + item.bytes + " bytes");
                }
                return content;
            } catch (IOException e) {
                throw new Refused(item.place + " cannot be read: " + e);
            }
        }

        ZipFile archive(Path path) throws IOException {
            ZipFile archive = archives.get(path);
            if (archive == null) {
                archive = open(path);
                archives.put(path, archive);
            }
            return archive;
        }

        private static ZipFile open(Path path) throws IOException {
            try {
                return new ZipFile(path.toFile());
            } catch (ZipException e) {
                throw new IOException("not a readable zip archive: " + e.getMessage(), e);
            } catch (UnsupportedOperationException e) {
                throw new IOException("an archive has to lie in the default file system", e);
            }
        }

        @Override
        public void close() {
            IOException failure = null;
            for (ZipFile archive : archives.values()) {
                try {
                    archive.close();
                } catch (IOException e) {
                    failure = e;
                }
            }
            archives.clear();
            if (failure != null) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    /// The text of a document's bytes.
    ///
    /// @throws Refused if they are not UTF-8; names the first offending byte
    static String decode(Place place, byte[] content) throws Refused {
        String text = new String(content, StandardCharsets.UTF_8);
        // The lenient decoder leaves this character wherever it met malformed bytes, so its absence proves there are
        // none.
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        ByteBuffer in = ByteBuffer.wrap(content);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(in, CharBuffer.allocate(content.length), true);
        if (result.isError()) {
            throw new Refused("%s is not UTF-8: byte 0x%02X at offset %d"
                    .formatted(place, content[in.position()] & 0xFF, in.position()));
        }
        return text;
    }
}
