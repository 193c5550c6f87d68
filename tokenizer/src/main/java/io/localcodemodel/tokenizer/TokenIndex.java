package io.localcodemodel.tokenizer;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Which token has which id: those of the model, and the added ones, which come first where both have one.
final class TokenIndex {

    private final TokenModel model;
    private final List<AddedToken> addedTokens;
    private final Map<Integer, AddedToken> addedById = new HashMap<>();
    private final Map<String, AddedToken> addedByContent = new HashMap<>();
    private final int size;

    TokenIndex(TokenModel model, List<AddedToken> addedTokens) {
        this.model = model;
        this.addedTokens = List.copyOf(addedTokens);
        int largest = model.vocabularySize();
        for (AddedToken token : addedTokens) {
            addedById.put(token.id(), token);
            addedByContent.put(token.content(), token);
            largest = Math.max(largest, token.id() + 1);
        }
        this.size = largest;
    }

    /// One more than the largest id.
    int size() {
        return size;
    }

    List<AddedToken> addedTokens() {
        return addedTokens;
    }

    boolean isAdded(int id) {
        return addedById.containsKey(id);
    }

    boolean isSpecial(int id) {
        AddedToken added = addedById.get(id);
        return added != null && added.special();
    }

    OptionalInt id(String token) {
        AddedToken added = addedByContent.get(token);
        return added != null ? OptionalInt.of(added.id()) : model.id(token);
    }

    String token(int id) {
        Objects.checkIndex(id, size);
        AddedToken added = addedById.get(id);
        return added != null ? added.content() : id < model.vocabularySize() ? model.token(id) : "";
    }

    /// Describes each id that two added tokens share.
    static List<String> sharedIds(List<AddedToken> addedTokens) {
        List<String> problems = new ArrayList<>();
        Map<Integer, String> byId = new HashMap<>();
        for (AddedToken token : addedTokens) {
            String other = byId.put(token.id(), token.content());
            if (other != null) {
                problems.add("the added tokens \"%s\" and \"%s\" both have the id %d"
                        .formatted(other, token.content(), token.id()));
            }
        }
        return problems;
    }

    /// Describes each id that a post-processor adds though there is no such token.
    List<String> missing(@Nullable PostProcessor postProcessor) {
        return (postProcessor == null ? IntStream.empty() : postProcessor.specialIds())
                .filter(id -> id >= size)
                .mapToObj(id ->
                        "the post-processor adds the id %d, but the vocabulary ends at %d".formatted(id, size - 1))
                .toList();
    }

    /// Returns the ids of the tokens with a role: what the files say, and else the first usual name that there is.
    Map<SpecialRole, Integer> roles(TokenizerConfig config) {
        Map<SpecialRole, Integer> found = new EnumMap<>(SpecialRole.class);
        config.roles().forEach((role, token) -> id(token).ifPresent(id -> found.put(role, id)));
        for (SpecialRole role : SpecialRole.values()) {
            for (String name : role.names()) {
                id(name).ifPresent(id -> found.putIfAbsent(role, id));
            }
        }
        return found;
    }
}
