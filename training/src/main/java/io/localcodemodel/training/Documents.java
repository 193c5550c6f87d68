package io.localcodemodel.training;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;

/// Some documents of a corpus in a fixed order, read one by one when they are asked for.
///
/// Iterating gives the texts, so that a tokenizer can be trained on `corpus.training()`; [#documents()] gives them with
/// their paths. Nothing is held besides the paths and lengths. A document whose length changed since the corpus was made, or
/// that is no text any more, ends the iteration with a [CorpusException]; another change is not noticed here, but tells the
/// run that resumes from a checkpoint that its tokens are others.
public final class Documents implements Iterable<String> {
    private final List<CorpusItem> items;
    private final long bytes;

    Documents(List<CorpusItem> items) {
        this.items = List.copyOf(items);
        this.bytes = items.stream().mapToLong(CorpusItem::bytes).sum();
    }

    /// How many documents there are.
    public int size() {
        return items.size();
    }

    /// Whether there is none.
    public boolean isEmpty() {
        return items.isEmpty();
    }

    /// The UTF-8 bytes of all texts together.
    public long bytes() {
        return bytes;
    }

    /// The path of document `index` inside its source.
    public String path(int index) {
        return items.get(index).path();
    }

    /// The text of document `index`, read now.
    public String text(int index) {
        try (CorpusItem.Reader reader = new CorpusItem.Reader()) {
            return text(reader, items.get(index));
        }
    }

    /// The documents whose paths have the smallest SHA-256: a fixed sample that does not depend on the other files'
    /// names or order. All of them where there are no more than `count`.
    public Documents sample(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("a sample needs at least 1 document, " + count + " were asked for");
        }
        if (count >= items.size()) {
            return this;
        }
        List<CorpusItem> chosen = items.stream()
                .sorted(Comparator.comparing(item -> PathHash.of(item.path())))
                .limit(count)
                .toList();
        return new Documents(items.stream().filter(chosen::contains).toList());
    }

    /// The documents with their paths.
    public Iterable<Document> documents() {
        return () -> new Iterator<>() {
            private final Iterator<String> texts = Documents.this.iterator();
            private final Iterator<String> paths =
                    IntStream.range(0, size()).mapToObj(Documents.this::path).iterator();

            @Override
            public boolean hasNext() {
                return texts.hasNext();
            }

            @Override
            public Document next() {
                return new Document(paths.next(), texts.next());
            }
        };
    }

    /// The texts. An archive stays open until the last one is read.
    @Override
    public Iterator<String> iterator() {
        return new Iterator<>() {
            private final CorpusItem.Reader reader = new CorpusItem.Reader();
            private int next;

            @Override
            public boolean hasNext() {
                return next < items.size();
            }

            @Override
            public String next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                String text = text(reader, items.get(next++));
                if (!hasNext()) {
                    reader.close();
                }
                return text;
            }
        };
    }

    private static String text(CorpusItem.Reader reader, CorpusItem item) {
        try {
            byte[] content = reader.read(item, item.bytes());
            if (content.length != item.bytes()) {
                throw new CorpusItem.Refused(
                        item.place() + " has shrunk from " + item.bytes() + " to " + content.length + " bytes");
            }
            return CorpusItem.decode(item.place(), content);
        } catch (CorpusItem.Refused e) {
            throw new CorpusException(
                    "a document changed since the corpus was made: " + e.reason() + "; make the corpus again");
        }
    }
}
