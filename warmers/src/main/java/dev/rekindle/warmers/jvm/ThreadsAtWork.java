package dev.rekindle.warmers.jvm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Threads that have something to do although no event is served: in each clone of a snapshot they
 * would do it again. A thread that waits without a time limit does nothing until another one wakes
 * it, so it is idle; and so are the workers of pools, the loops of network libraries and the like
 * that only look for work now and then.
 */
final class ThreadsAtWork {
  /** Methods in which a thread looks for work, whatever limits the wait. */
  private static final Set<String> LOOKS_FOR_WORK =
      Set.of(
          "java.util.concurrent.ThreadPoolExecutor.getTask",
          "java.util.concurrent.ForkJoinPool.awaitWork",
          "java.lang.ref.ReferenceQueue.remove",
          "sun.nio.ch.SelectorImpl.select",
          "sun.nio.ch.EPoll.wait",
          "sun.nio.ch.NioSocketImpl.accept",
          "sun.nio.ch.ServerSocketChannelImpl.accept");

  /** A wait in there with a limit is one for a task that falls due. */
  private static final String DELAYED_TASKS =
      "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue.take";

  /** Threads of the JDK's own that are not in the group of the JVM's. */
  private static final Set<String> OF_THE_JDK =
      Set.of("jdk.internal.misc.InnocuousThread", "jdk.internal.misc.CarrierThread");

  /** What a thread was at already when the function was loaded is not left by an event. */
  private final Set<Long> sinceLoading = new HashSet<>();

  /** Notes who is at work before the first event. */
  void functionIsLoaded() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    Thread[] threads = new Thread[2 * all.activeCount() + 1];
    int count = all.enumerate(threads);
    for (int i = 0; i < count; i++) {
      if (isAtWork(threads[i])) {
        sinceLoading.add(threads[i].getId());
      }
    }
  }

  /** Names those of the given threads that events left at work, and what they are at. */
  List<String> among(List<Thread> threads) {
    List<String> busy = new ArrayList<>();
    for (Thread thread : threads) {
      if (!sinceLoading.contains(thread.getId()) && isAtWork(thread)) {
        busy.add(describe(thread));
      }
    }
    busy.sort(null);
    return busy;
  }

  private static boolean isAtWork(Thread thread) {
    Thread.State state = thread.getState();
    if (thread == Thread.currentThread()
        || state == Thread.State.NEW
        || state == Thread.State.TERMINATED
        || state == Thread.State.WAITING
        || isOfTheJvm(thread)) {
      return false;
    }
    boolean looksForWork = false;
    for (StackTraceElement frame : thread.getStackTrace()) {
      String method = frame.getClassName() + "." + frame.getMethodName();
      if (method.equals(DELAYED_TASKS)) {
        return state == Thread.State.TIMED_WAITING;
      }
      looksForWork |= LOOKS_FOR_WORK.contains(method);
    }
    return !looksForWork;
  }

  private static boolean isOfTheJvm(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null
        || group.getParent() == null
        || OF_THE_JDK.contains(thread.getClass().getName());
  }

  private static String describe(Thread thread) {
    StackTraceElement[] frames = thread.getStackTrace();
    String where = frames.length == 0 ? "" : ", in " + frames[0];
    for (StackTraceElement frame : frames) {
      if (frame.getModuleName() == null) { // none of the JDK's
        where = ", in " + frame;
        break;
      }
    }
    return "thread \"" + thread.getName() + "\" (" + thread.getState() + where + ")";
  }
}
