package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes conversations down with the template of a tokenizer's model.
final class ChatFraming {

    private ChatFraming() {}

    static ChatPrompt prompt(Tokenizer tokenizer, List<ChatMessage> messages, ChatOptions options) {
        return tokenizer
                .config()
                .chatTemplate(!options.tools().isEmpty())
                .orElseThrow(
                        () -> new UnsupportedOperationException("this tokenizer has no chat template: its model was"
                                + " not trained for conversations, or " + TokenizerConfigFiles.FILE
                                + " is missing. Set one with"
                                + " withConfig(config().withChatTemplate(source))"))
                .withSpecialTokens(specialTokens(tokenizer))
                .render(messages, options);
    }

    private static Map<String, String> specialTokens(Tokenizer tokenizer) {
        Map<SpecialRole, String> said = tokenizer.config().roles();
        Map<String, String> byName = new HashMap<>();
        // Names are guessed only where no file says them: a token that a file leaves out is not to be shown.
        TokenizerConfigFiles.ROLES.forEach((name, role) -> {
            if (said.isEmpty() || said.containsKey(role)) {
                tokenizer.special(role).ifPresent(id -> byName.put(name, tokenizer.token(id)));
            }
        });
        return byName;
    }
}
