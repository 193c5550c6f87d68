package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.util.List;

/// Which places of a prompt came from the conversation: no special token may be recognised there.
///
/// The prompt is still encoded as a whole, so that it gives the tokens that training gave.
final class ConversationPlaces {

    private final Text prompt;
    /// In bytes of the prompt, pairs of start and end, ascending.
    private final int[] bytes;
    /// The same in `char`s.
    private final int[] characters;

    ConversationPlaces(Text prompt, List<ChatPrompt.Span> content) {
        this.prompt = prompt;
        this.bytes = new int[content.size() * 2];
        this.characters = new int[content.size() * 2];
        int at = 0;
        int character = 0;
        for (int i = 0; i < bytes.length; i++) {
            ChatPrompt.Span span = content.get(i / 2);
            characters[i] = i % 2 == 0 ? span.start() : span.end();
            while (character < characters[i]) {
                int length = Utf8.length(prompt.utf8()[at]);
                at += length;
                character += length == 4 ? 2 : 1;
            }
            bytes[i] = at;
        }
    }

    /// Whether the bytes `from` to `to` of the prompt, or of what a normaliser made of a part of it, have none of the
    /// conversation's own characters.
    @SuppressWarnings("ReferenceEquality") // a normalised text has places of its own
    boolean areFree(Text text, int from, int to) {
        return text == prompt
                ? isFree(bytes, from, to)
                : isFree(characters, text.sourceStart(from), text.sourceEnd(to));
    }

    private static boolean isFree(int[] taken, int from, int to) {
        int low = 0;
        int high = taken.length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (taken[2 * middle + 1] <= from) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low == taken.length || taken[2 * low] >= to;
    }
}
