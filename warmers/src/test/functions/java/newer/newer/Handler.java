package newer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.List;
import java.util.Map;

/** Uses what only the newer interfaces have. */
public class Handler implements RequestHandler<Map<String, Object>, List<String>> {
  @Override
  public List<String> handleRequest(Map<String, Object> event, Context context) {
    context.getLogger().log("in " + context.getColour());
    boolean own = Context.class.getClassLoader() == Handler.class.getClassLoader();
    return List.of(context.getColour(), context.getFunctionName(), "" + own, "" + seesBootstrap());
  }

  private static boolean seesBootstrap() {
    try {
      Class.forName("dev.rekindle.warmers.jvm.Bootstrap");
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
