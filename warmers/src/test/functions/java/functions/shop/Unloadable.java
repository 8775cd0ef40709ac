package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** Functions whose class is there but cannot be made a handler of. */
public class Unloadable {
  public abstract static class Abstract implements RequestHandler<Object, Object> {}

  public class Inner implements RequestHandler<Object, Object> {
    @Override
    public Object handleRequest(Object event, Context context) {
      return null;
    }
  }

  public static class NeedsArguments implements RequestHandler<Object, Object> {
    public NeedsArguments(String needed) {}

    @Override
    public Object handleRequest(Object event, Context context) {
      return null;
    }
  }

  public static class NoHandler {}

  public static class Throws implements RequestHandler<Object, Object> {
    public Throws() {
      throw new IllegalStateException("no database");
    }

    @Override
    public Object handleRequest(Object event, Context context) {
      return null;
    }
  }

  public static class Hidden {
    private Hidden() {}

    public String handle(String event) {
      return "hello " + event;
    }
  }

  public static class MissingPart {
    private static final Missing PART = new Missing();

    public Object handle(Object event) {
      return PART;
    }
  }

  /** Its class is taken out of the zip. */
  public static class Missing {}
}
