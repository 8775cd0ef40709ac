package task;

import java.util.MissingResourceException;

/** Functions that do not get as far as their handler. */
public class AtLoad {
  public static class Raises {
    static {
      load();
    }

    private static void load() {
      throw new MissingResourceException("no settings", "shop", "settings");
    }

    public Object handler(Object event) {
      return null;
    }
  }

  public static class Exits {
    static {
      System.exit(4);
    }

    public Object handler(Object event) {
      return null;
    }
  }
}
