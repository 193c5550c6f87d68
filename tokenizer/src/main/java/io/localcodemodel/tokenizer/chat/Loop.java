package io.localcodemodel.tokenizer.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The variable `loop` of a `for`.
final class Loop implements Values.Attributes {

    private final List<@Nullable Object> items;
    private final Limits limits;
    private int index;
    private @Nullable List<@Nullable Object> lastChanged;

    Loop(List<@Nullable Object> items, Limits limits) {
        this.items = items;
        this.limits = limits;
    }

    void at(int newIndex) {
        index = newIndex;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            // only recursive loops, which there are none of here, go deeper
            case "depth" -> 1L;
            case "depth0" -> 0L;
            case "previtem" -> index == 0 ? new Values.Undefined("loop.previtem") : items.get(index - 1);
            case "nextitem" -> index == items.size() - 1 ? new Values.Undefined("loop.nextitem") : items.get(index + 1);
            case "cycle" -> (Values.Function) this::cycle;
            case "changed" -> (Values.Function) this::changed;
            default -> new Values.Undefined("loop." + name);
        };
    }

    private @Nullable Object cycle(CallArguments arguments) {
        List<@Nullable Object> values = arguments.positional();
        if (values.isEmpty()) {
            throw limits.refuse("expected something to cycle through, found nothing");
        }
        return values.get(index % values.size());
    }

    private Object changed(CallArguments arguments) {
        boolean changed = lastChanged == null || !Values.equal(lastChanged, arguments.positional(), limits);
        lastChanged = arguments.positional();
        return changed;
    }
}
