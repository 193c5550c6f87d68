package io.localcodemodel.benchmarks;

import io.localcodemodel.training.AdamW;
import io.localcodemodel.training.Batches;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// PyTorch's side of [TrainingPeers].
final class PyTorchTrainingSide {
    private PyTorchTrainingSide() {}

    public static void main(String[] arguments) {
        TrainingShape shape = TrainingShape.named(arguments[0]);
        torch.set_num_threads(Integer.parseInt(arguments[1]));
        System.out.println(torch.show_config().getString());
        PyTorchTransformer model = new PyTorchTransformer(shape.model(), shape.batch(), shape.window());
        // The weights are PyTorch's now; the Java arrays they came from would count as its memory.
        System.gc();
        AdamWOptions options = new AdamWOptions(TrainingShape.RATE);
        // A std::tuple of this library lies in memory with its last element first.
        options.betas().put(AdamW.BETA2, AdamW.BETA1);
        options.eps().put(AdamW.EPSILON);
        options.weight_decay().put(0);
        org.bytedeco.pytorch.AdamW optimizer = new org.bytedeco.pytorch.AdamW(model.parameters(), options);
        Batches batches = shape.batches();
        TrainingSide side = new TrainingSide();
        for (int steps = side.nextRound(); steps > 0; steps = side.nextRound()) {
            long began = System.nanoTime();
            float loss = 0;
            for (int step = 0; step < steps; step++) {
                loss = step(shape, model, optimizer, batches);
            }
            side.answer(System.nanoTime() - began, loss);
        }
        side.answerPeakMemory();
    }

    private static float step(
            TrainingShape shape, PyTorchTransformer model, org.bytedeco.pytorch.AdamW optimizer, Batches batches) {
        batches.advance();
        try (PointerScope _ = new PointerScope()) {
            Tensor ids = tensor(batches.batch().ids(), shape);
            Tensor targets = tensor(batches.targets(), shape);
            optimizer.zero_grad();
            Tensor loss = model.loss(ids, targets);
            loss.backward();
            optimizer.step();
            return loss.item_float();
        }
    }

    private static Tensor tensor(int[] values, TrainingShape shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return torch.from_blob(
                        new LongPointer(wide),
                        new long[] {shape.batch(), shape.window()},
                        new TensorOptions(torch.ScalarType.Long))
                .clone();
    }
}
