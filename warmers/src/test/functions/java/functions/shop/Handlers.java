package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Handlers of every form that Lambda knows. */
public class Handlers {
  public static class Beans implements RequestHandler<Order, Order> {
    @Override
    public Order handleRequest(Order order, Context context) {
      order.setCount(order.getCount() + 1);
      return order;
    }
  }

  public record Line(String name, int count) {}

  public static class Records implements RequestHandler<List<Line>, Line> {
    @Override
    public Line handleRequest(List<Line> lines, Context context) {
      return new Line(lines.get(0).name(), lines.stream().mapToInt(Line::count).sum());
    }
  }

  public abstract static class Twice<T> implements RequestHandler<T, List<T>> {
    @Override
    public List<T> handleRequest(T event, Context context) {
      return List.of(event, change(event));
    }

    abstract T change(T event);
  }

  public static class TwiceOrder extends Twice<Order> {
    @Override
    Order change(Order event) {
      Order changed = new Order();
      changed.setName(event.getName() + "!");
      return changed;
    }
  }

  public abstract static class Generic<T> {
    public List<T> both(T event, Context context) {
      return new ArrayList<>(List.of(event, event));
    }
  }

  public static class OfLines extends Generic<Line> {}

  @SuppressWarnings("rawtypes")
  public static class Raw implements RequestHandler {
    @Override
    public Object handleRequest(Object event, Context context) {
      return ((Map) event).get("name");
    }
  }

  public static class Streams implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context)
        throws IOException {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      out.write(text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
    }
  }

  public void stream(InputStream in, OutputStream out) throws IOException {
    in.transferTo(out);
  }

  public void silentStream(InputStream in, OutputStream out, Context context) {}

  public static int length(String event) {
    return event.length();
  }

  public String onlyContext(Context context) {
    return context.getFunctionName();
  }

  public String nothing() {
    return "nothing";
  }

  public String overloaded(Order order) {
    return "one";
  }

  public String overloaded(Order order, Context context) {
    return "two of " + order.getName();
  }

  public String overloaded(Order order, Context context, int more) {
    return "no handler";
  }

  public String queue(SQSEvent event) {
    return event.getRecords().get(0).getBody() + " " + event.getRecords().get(0).getEventSourceArn();
  }

  public APIGatewayProxyResponseEvent gateway(APIGatewayProxyRequestEvent event) {
    return new APIGatewayProxyResponseEvent()
        .withStatusCode(200)
        .withBody(event.getHttpMethod() + " " + event.getQueryStringParameters().get("q"));
  }

  public String ownJackson(Map<String, Object> event) throws Exception {
    Class<?> mapper = ObjectMapper.class;
    return new ObjectMapper().writeValueAsString(event).length()
        + " "
        + (mapper.getClassLoader() == Handlers.class.getClassLoader());
  }

  public Map<String, Boolean> sees(Object event) {
    return Map.of(
        "bootstrap", isThere("dev.rekindle.warmers.jvm.Bootstrap"),
        "json", isThere("com.amazonaws.services.lambda.runtime.serialization.PojoSerializer"),
        "shaded", isThere("com.amazonaws.lambda.thirdparty.com.google.gson.Gson"),
        "interfaces", isThere("com.amazonaws.services.lambda.runtime.Context"),
        "sql", isThere("java.sql.Driver"),
        "compiler", isThere("com.sun.tools.javac.Main"));
  }

  private static boolean isThere(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  public List<Object> context(Object event, Context context) {
    List<Object> all = new ArrayList<>();
    all.add(context.getLogGroupName());
    all.add(context.getLogStreamName());
    all.add(context.getInvokedFunctionArn());
    all.add(context.getIdentity());
    all.add(context.getClientContext());
    all.add(context.getTenantId());
    return all;
  }

  public void logs(Object event, Context context) {
    context.getLogger().log("sold 3");
    context.getLogger().log("sold 4\n");
    context.getLogger().log("sold żółw", LogLevel.INFO);
    context.getLogger().log("sold 5".getBytes(StandardCharsets.UTF_8));
  }

  public String resource(Object event) throws IOException {
    try (InputStream in =
        Thread.currentThread().getContextClassLoader().getResourceAsStream("shop/price.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
