package task;

import java.net.ConnectException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/** Functions whose hook fails before a checkpoint, or after a restore. */
public class FailingHook implements Resource {
  private final boolean before;

  FailingHook(boolean before) {
    this.before = before;
    Core.getGlobalContext().register(this);
  }

  public static class Before extends FailingHook {
    public Before() {
      super(true);
    }
  }

  public static class After extends FailingHook {
    public After() {
      super(false);
    }
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
    if (before) {
      throw new ConnectException("socket still open");
    }
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) throws Exception {
    if (!before) {
      throw new ConnectException("no database");
    }
  }

  public Object handler(Object event) {
    return null;
  }
}
