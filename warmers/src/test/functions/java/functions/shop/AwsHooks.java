package shop;

import com.amazonaws.services.lambda.crac.Context;
import com.amazonaws.services.lambda.crac.Core;
import com.amazonaws.services.lambda.crac.Resource;
import java.util.ArrayList;
import java.util.List;

/** Hooks under AWS's own name, of which two fail when asked to. */
public class AwsHooks {
  private static final List<String> RAN = new ArrayList<>();
  private static boolean fail;

  private record Noting(String name) implements Resource {
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      RAN.add("before " + name);
      if (fail) {
        throw new IllegalStateException(name + " is busy");
      }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      RAN.add("after " + name);
    }
  }

  static {
    // Nobody else holds them.
    Core.getGlobalContext().register(new Noting("a"));
    Core.getGlobalContext().register(new Noting("b"));
  }

  public List<String> handler(String event) {
    System.gc();
    fail = event.equals("fail");
    return RAN;
  }
}
