package io.localcodemodel.tokenizer;

import io.localcodemodel.tokenizer.chat.ChatMessage;
import io.localcodemodel.tokenizer.chat.ChatOptions;
import io.localcodemodel.tokenizer.chat.ChatPrompt;
import java.util.List;

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
                .withSpecialTokens(TokenizerConfigFiles.roleTokens(tokenizer))
                .render(messages, options);
    }
}
