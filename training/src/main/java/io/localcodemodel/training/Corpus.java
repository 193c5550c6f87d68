package io.localcodemodel.training;

import io.localcodemodel.tensor.Randomness;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The texts a model learns from, and those held out to judge it, split by whole file.
///
/// A corpus comes from folders, `.zip` or `.jar` files, single files and strings. Making it reads every document once
/// (to check that it is UTF-8, count its bytes and compute [#hash()]) and keeps only the paths; [#training()] and
/// [#validation()] read again, one document at a time. Documents are sorted by path, so the same files give the same
/// corpus whatever order the file system lists them in. Symbolic links inside a folder are not followed.
///
/// ```java
/// Corpus corpus = Corpus.files(Path.of("src/main/java"), "**/*.java").split(0.9);
/// ```
public final class Corpus {
    private final List<CorpusItem> items;
    private final Documents training;
    private final Documents validation;
    private final String hash;
    private final List<Skipped> skipped;

    /// A document that was left out, because the corpus was told to skip what it cannot use.
    ///
    /// @param path where it lies
    /// @param reason why it cannot be used
    public record Skipped(String path, String reason) {}

    Corpus(List<CorpusItem> training, List<CorpusItem> validation, String hash, List<Skipped> skipped) {
        this.items = new ArrayList<>(training);
        items.addAll(validation);
        items.sort(Comparator.comparing(CorpusItem::path));
        this.training = new Documents(training);
        this.validation = new Documents(validation);
        this.hash = hash;
        this.skipped = List.copyOf(skipped);
    }

    /// The documents of a folder, a `.zip` or `.jar` file, or a single file.
    ///
    /// @param globs which paths inside it are wanted: `*` and `?` inside a name, `**` across folders, `{a,b}` for a
    ///     choice, `!` in front to leave out; none takes everything
    /// @throws CorpusException if there is no document, or one is not UTF-8 or too large; a [#builder()] can skip those
    public static Corpus files(Path source, String... globs) {
        return builder().add(source, globs).build();
    }

    /// A corpus of strings, called `text-1`, `text-2` and so on.
    public static Corpus texts(String... texts) {
        CorpusBuilder builder = builder();
        int digits = String.valueOf(texts.length).length();
        for (int i = 0; i < texts.length; i++) {
            builder.addText(("text-%0" + digits + "d").formatted(i + 1), texts[i]);
        }
        return builder.build();
    }

    /// A corpus of strings by path.
    public static Corpus texts(Map<String, String> textsByPath) {
        CorpusBuilder builder = builder();
        textsByPath.forEach(builder::addText);
        return builder.build();
    }

    /// A corpus of several sources, or with limits of one's own.
    public static CorpusBuilder builder() {
        return new CorpusBuilder();
    }

    /// This corpus with a part of its files held out, chosen by seed 0; see [#split(double, long)].
    public Corpus split(double trainingFraction) {
        return split(trainingFraction, 0);
    }

    /// This corpus with a part of its files held out at random. At least one file is on either side.
    ///
    /// Which files those are depends on the seed and on their paths, not on their content.
    ///
    /// @param trainingFraction the part of the files to train on, above 0 and below 1
    /// @throws CorpusException if there are fewer than 2 documents
    public Corpus split(double trainingFraction, long seed) {
        if (!(trainingFraction > 0 && trainingFraction < 1)) {
            throw new IllegalArgumentException(
                    "the fraction to train on: expected a number above 0 and below 1, found " + trainingFraction);
        }
        if (items.size() < 2) {
            throw new CorpusException("a split by whole files needs at least 2 documents, found " + items.size()
                    + "; add documents, or train without validation");
        }
        int count = (int) Math.round(items.size() * (1 - trainingFraction));
        int heldOut = Math.clamp(count, 1, items.size() - 1);
        Set<CorpusItem> chosen = new HashSet<>(items.stream()
                .sorted(Comparator.comparingLong(item -> Randomness.seedFor(seed, item.path())))
                .limit(heldOut)
                .toList());
        return split(chosen);
    }

    /// This corpus with those files held out for which the SHA-256 of the path, as an unsigned big-endian number, is
    /// 0 modulo `modulus`: about one in `modulus`, the same ones whatever else the corpus contains.
    ///
    /// @throws CorpusException if that leaves one side empty
    public Corpus splitByPathHash(int modulus) {
        if (modulus < 2) {
            throw new IllegalArgumentException("the modulus: expected at least 2, found " + modulus);
        }
        BigInteger divisor = BigInteger.valueOf(modulus);
        Set<CorpusItem> chosen = new HashSet<>(items.stream()
                .filter(item -> PathHash.of(item.path()).mod(divisor).signum() == 0)
                .toList());
        if (chosen.isEmpty() || chosen.size() == items.size()) {
            throw new CorpusException("of " + items.size() + " documents the path hash modulo " + modulus
                    + " holds out " + chosen.size() + "; use a smaller modulus, or split by a fraction");
        }
        return split(chosen);
    }

    private Corpus split(Set<CorpusItem> heldOut) {
        return new Corpus(
                items.stream().filter(item -> !heldOut.contains(item)).toList(),
                items.stream().filter(heldOut::contains).toList(),
                hash,
                skipped);
    }

    /// The documents to train on; all of them before a split.
    public Documents training() {
        return training;
    }

    /// The documents held out; none before a split.
    public Documents validation() {
        return validation;
    }

    /// All documents.
    public Documents all() {
        return new Documents(items);
    }

    /// The SHA-256, in hexadecimal, of all paths and contents in order: what a checkpoint remembers of its data.
    public String hash() {
        return hash;
    }

    /// The documents left out; empty unless the corpus was told to skip.
    public List<Skipped> skipped() {
        return skipped;
    }

    @Override
    public String toString() {
        return "Corpus[" + training.size() + " documents to train on, " + validation.size() + " held out, "
                + (training.bytes() + validation.bytes()) + " bytes]";
    }
}
