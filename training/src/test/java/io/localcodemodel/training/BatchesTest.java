package io.localcodemodel.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.localcodemodel.model.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static TokenStream counting(int tokens) {
        return TokenStream.of(
                tokens, OptionalInt.empty(), tokens, IntStream.range(0, tokens).toArray());
    }

    private static List<Integer> ids(Batches batches, int count) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.advance();
            Arrays.stream(batches.batch().ids()).forEach(ids::add);
        }
        return ids;
    }

    @Test
    void a_stream_has_an_end_around_every_document_and_leaves_out_empty_ones() {
        TokenStream stream = TokenStream.of(10, OptionalInt.of(9), 3, new int[] {1, 2}, new int[0], new int[] {3});
        int[] all = new int[(int) stream.size()];
        stream.copy(0, all, 0, all.length);
        assertThat(all).containsExactly(9, 1, 2, 9, 3, 9);
        assertThat(stream.documents()).isEqualTo(2);
    }

    @Test
    void a_stream_holds_tokens_of_small_and_large_vocabularies_across_chunks() {
        for (int vocabulary : new int[] {1 << 16, 1 << 20}) {
            int count = (1 << 20) + 1000;
            int[] ids = IntStream.range(0, count).map(i -> i % vocabulary).toArray();
            TokenStream stream = TokenStream.of(vocabulary, OptionalInt.empty(), count, ids);
            int[] copy = new int[2000];
            stream.copy((1 << 20) - 1000, copy, 0, 2000);
            assertThat(copy).isEqualTo(Arrays.copyOfRange(ids, (1 << 20) - 1000, (1 << 20) + 1000));
            assertThatThrownBy(() -> stream.copy(count - 1, copy, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> TokenStream.of(4, OptionalInt.empty(), 1, new int[] {4}))
                .hasMessageContaining("token 4 lies outside of the vocabulary of 4 tokens");
    }

    @Test
    void the_target_of_each_token_is_the_one_after_it() {
        Batches batches = new Batches(counting(100), 3, 8, Packing.STREAM, 5);
        for (int step = 0; step < 10; step++) {
            batches.advance();
            TokenBatch batch = batches.batch();
            assertThat(batch.sequences().count()).isEqualTo(3);
            for (int i = 0; i < 24; i++) {
                assertThat(batches.targets()[i]).isEqualTo(batch.ids()[i] + 1);
                assertThat(batch.positions()[i]).isEqualTo(i % 8);
            }
        }
    }

    @Test
    void every_window_of_an_epoch_comes_once_and_epochs_differ() {
        Batches batches = new Batches(counting(81), 1, 8, Packing.STREAM, 5);
        List<Integer> first = null;
        for (long epoch = 0; epoch < 4; epoch++) {
            batches.seek(new Batches.Cursor(epoch, 0));
            List<Integer> ids = ids(batches, 9);
            assertThat(batches.cursor().epoch()).isEqualTo(epoch);
            TreeSet<Integer> distinct = new TreeSet<>(ids);
            assertThat(distinct).hasSize(72);
            assertThat(distinct.last() - distinct.first()).isLessThan(80);
            assertThat(ids).isNotEqualTo(first);
            first = ids;
        }
    }

    @Test
    void the_same_seed_gives_the_same_order_and_another_seed_another() {
        List<Integer> ids = ids(new Batches(counting(1000), 4, 16, Packing.STREAM, 1), 20);
        assertThat(ids(new Batches(counting(1000), 4, 16, Packing.STREAM, 1), 20))
                .isEqualTo(ids);
        assertThat(ids(new Batches(counting(1000), 4, 16, Packing.STREAM, 2), 20))
                .isNotEqualTo(ids);
        assertThat(ids(new Batches(counting(1000), 8, 16, Packing.STREAM, 1), 10))
                .isEqualTo(ids);
    }

    @Test
    void a_cursor_goes_on_exactly_also_across_epochs() {
        Batches batches = new Batches(counting(100), 4, 16, Packing.STREAM, 1);
        ids(batches, 7);
        Batches.Cursor cursor = batches.cursor();
        List<Integer> rest = ids(batches, 9);
        Batches resumed = new Batches(counting(100), 4, 16, Packing.STREAM, 1);
        resumed.seek(cursor);
        assertThat(ids(resumed, 9)).isEqualTo(rest);
        assertThatThrownBy(() -> resumed.seek(new Batches.Cursor(0, 1000))).hasMessageContaining("window 1000");
    }

    @Test
    void a_stream_shorter_than_the_context_is_one_window() {
        Batches batches = new Batches(counting(5), 2, 64, Packing.STREAM, 1);
        batches.advance();
        assertThat(batches.batch().ids()).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
        assertThatThrownBy(() -> new Batches(counting(1), 1, 4, Packing.STREAM, 1))
                .hasMessageContaining("nothing to predict in a stream of 1 tokens");
    }

    @Test
    void packing_by_documents_begins_a_sequence_and_positions_at_every_end_of_text() {
        TokenStream stream = TokenStream.of(10, OptionalInt.of(9), 4, new int[] {1, 2}, new int[] {3, 4});
        Batches batches = new Batches(stream, 1, 6, Packing.DOCUMENTS, 1);
        batches.advance();
        assertThat(batches.batch().ids()).containsExactly(9, 1, 2, 9, 3, 4);
        assertThat(batches.targets()).containsExactly(1, 2, 9, 3, 4, 9);
        assertThat(batches.batch().positions()).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(batches.batch().sequences().starts()).containsExactly(0, 3, 6);
    }

    @Test
    void packing_by_documents_never_joins_two_windows() {
        TokenStream stream = TokenStream.of(10, OptionalInt.of(9), 40, new int[40], new int[40]);
        Batches batches = new Batches(stream, 3, 8, Packing.DOCUMENTS, 1);
        for (int step = 0; step < 20; step++) {
            batches.advance();
            TokenBatch batch = batches.batch();
            for (int i = 0; i < 24; i++) {
                boolean starts = i % 8 == 0 || batch.ids()[i] == 9;
                assertThat(batch.positions()[i] == 0).isEqualTo(starts);
            }
            assertThat(batch.sequences().longest()).isLessThanOrEqualTo(8);
        }
    }
}
