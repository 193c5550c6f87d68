package io.localcodemodel.tokenizer.chat;

/// What one rendering may take, and the line it is at.
///
/// A template is a program that came with a model. It must not be able to hang or fill the process that renders it.
final class Limits {

    /// The largest published templates take some thousand steps per message.
    static final int STEPS = 2_000_000;
    /// Characters in all the texts that are made on the way, the result among them.
    static final long CHARACTERS = 1L << 25;
    /// Characters that can be looked at in the time of a step.
    private static final int CHARACTERS_PER_STEP = 16;
    /// Characters that can be compared in the time of a step.
    private static final int CHARACTERS_PER_SEARCH_STEP = 64;
    /// Levels of expressions, macros and loops inside each other; each takes a few stack frames.
    static final int DEPTH = 300;

    private int steps = STEPS;
    private long characters = CHARACTERS;
    private int depth;
    private int line = 1;

    void at(int newLine) {
        line = newLine;
    }

    int line() {
        return line;
    }

    ChatTemplateException refuse(String problem) {
        return new ChatTemplateException(line, problem);
    }

    void step() {
        steps(1);
    }

    void steps(long count) {
        if (count > steps) {
            throw refuse("rendering takes more than " + STEPS + " steps; the template loops too often");
        }
        steps -= (int) count;
    }

    /// Accounts for a walk over a text.
    void walk(MarkedText text) {
        steps(text.length() / CHARACTERS_PER_STEP);
    }

    /// Accounts for a search, which in the worst case compares each character of a text with each of the wanted one.
    void search(MarkedText text, MarkedText wanted) {
        steps((long) text.length() * wanted.length() / CHARACTERS_PER_SEARCH_STEP);
    }

    /// Accounts for characters that are about to be added to a text.
    void characters(int length, int added) {
        if (added > MarkedText.LARGEST - length) {
            throw refuse("a text would be longer than " + MarkedText.LARGEST + " characters");
        }
        if (added > characters) {
            throw refuse("rendering makes more than " + CHARACTERS + " characters of text");
        }
        characters -= added;
    }

    void enter() {
        if (++depth > DEPTH) {
            throw refuse("expressions, macros and loops are more than " + DEPTH + " levels deep");
        }
    }

    void leave() {
        depth--;
    }
}
