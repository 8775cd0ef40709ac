package hello;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.LinkedHashMap;
import java.util.Map;

/** The smallest useful function: greets, and gives the event back. Handler: hello.Hello */
public class Hello implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    Object name = event == null ? "world" : event.getOrDefault("name", "world");
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("message", "Hello, " + name + "!");
    reply.put("event", event);
    reply.put("requestId", context.getAwsRequestId());
    return reply;
  }
}
