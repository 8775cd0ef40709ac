package com.amazonaws.services.lambda.crac;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Keeps its resources alive, where the specification would let it forget them: a hook that silently
 * never runs is worse than an object that lives on. {@code org.crac}'s own wrappers still hold what
 * they wrap weakly.
 */
final class GlobalContext extends Context<Resource> {
  private final List<Resource> resources = new ArrayList<>();

  @Override
  public synchronized void register(Resource resource) {
    if (resource == null) {
      throw new NullPointerException("resource");
    }
    resources.add(resource);
  }

  /** A copy: hooks may register more. */
  private synchronized List<Resource> registered() {
    return new ArrayList<>(resources);
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
    List<Resource> all = registered();
    Collections.reverse(all);
    CheckpointException failure = new CheckpointException();
    for (Resource resource : all) {
      try {
        resource.beforeCheckpoint(this);
      } catch (Throwable e) {
        addAll(failure, e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) throws RestoreException {
    RestoreException failure = new RestoreException();
    for (Resource resource : registered()) {
      try {
        resource.afterRestore(this);
      } catch (Throwable e) {
        addAll(failure, e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  /** What a nested context threw is only a cover for what its resources threw. */
  private static void addAll(Exception failure, Throwable thrown) {
    boolean cover = thrown instanceof CheckpointException || thrown instanceof RestoreException;
    if (!cover || thrown.getSuppressed().length == 0) {
      failure.addSuppressed(thrown);
      return;
    }
    for (Throwable each : thrown.getSuppressed()) {
      failure.addSuppressed(each);
    }
  }
}
