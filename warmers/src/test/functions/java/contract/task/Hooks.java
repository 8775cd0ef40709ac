package task;

import java.util.ArrayList;
import java.util.List;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/** Notes which of its hooks ran. */
public class Hooks {
  private final List<String> ran = new ArrayList<>();
  // The global context may hold them weakly.
  private final List<Resource> registered = new ArrayList<>();

  private final class Noting implements Resource {
    private final int number;

    Noting(int number) {
      this.number = number;
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      ran.add("before" + number);
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      ran.add("after" + number);
    }
  }

  public Hooks() {
    for (int number = 1; number <= 2; number++) {
      Resource resource = new Noting(number);
      registered.add(resource);
      Core.getGlobalContext().register(resource);
    }
  }

  public List<String> handler(Object event) {
    return ran;
  }
}
