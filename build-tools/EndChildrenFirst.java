import java.util.List;

/// Makes the JVM it runs in wait, when it is interrupted, until the processes it started have ended in their own way.
///
/// Maven runs a program in a process of its own and leaves it behind when it is interrupted. A program that saves its
/// work when it is interrupted is to be told, and to be done before the prompt is back. Runs inside Maven, so it is
/// compiled for the oldest Java that Maven may run on here.
public final class EndChildrenFirst {
    private EndChildrenFirst() {}

    public static void main(String[] arguments) {
        // The group Maven runs this in is gone by then, and with it the right to start threads in it.
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        Runtime.getRuntime().addShutdownHook(new Thread(group, EndChildrenFirst::endChildren, "end children first"));
    }

    private static void endChildren() {
        List<ProcessHandle> children = ProcessHandle.current().children().toList();
        // An interrupt typed at a terminal has reached the children too; asking again does no harm.
        children.forEach(ProcessHandle::destroy);
        children.forEach(child -> child.onExit().join());
    }
}
