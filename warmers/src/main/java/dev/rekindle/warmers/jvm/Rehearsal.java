package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Goes once through a function's life, while the build records which classes that takes: the JVM
 * then maps them out of one archive at each cold start.
 */
public final class Rehearsal {
  private static final String EVENT = "{\"name\":\"x\",\"numbers\":[1,2.5,true,null]}";

  private Rehearsal() {}

  /** An event as functions declare them. */
  public static final class Order {
    private String name = "";
    private int count;
    private double price;
    private List<String> tags = List.of();

    /** Its name. */
    public String getName() {
      return name;
    }

    /** Sets its name. */
    public void setName(String name) {
      this.name = name;
    }

    /** How many. */
    public int getCount() {
      return count;
    }

    /** Sets how many. */
    public void setCount(int count) {
      this.count = count;
    }

    /** What it costs. */
    public double getPrice() {
      return price;
    }

    /** Sets what it costs. */
    public void setPrice(double price) {
      this.price = price;
    }

    /** What is noted of it. */
    public List<String> getTags() {
      return List.copyOf(tags);
    }

    /** Sets what is noted of it. */
    public void setTags(List<String> tags) {
      this.tags = List.copyOf(tags);
    }
  }

  /** The same as a record. */
  public record Line(String name, long amount, Map<String, Double> rates) {}

  /**
   * Serves a function as {@link Bootstrap} does, is its client too, and ends.
   *
   * @param arguments those of {@link Bootstrap}
   */
  public static void main(String[] arguments) throws Exception {
    Thread client =
        new Thread(
            () -> {
              try {
                Runtime.getRuntime().exit(converse() ? 0 : 1);
              } catch (IOException | RuntimeException e) {
                e.printStackTrace();
                Runtime.getRuntime().exit(1);
              }
            });
    beans();
    client.start();
    Bootstrap.main(arguments);
  }

  private static void beans() {
    exercise(Order.class, "{\"name\":\"x\",\"count\":1,\"price\":2.5,\"tags\":[\"a\"]}");
    exercise(Line.class, "{\"name\":\"x\",\"amount\":1,\"rates\":{\"a\":0.5}}");
  }

  private static <T> void exercise(Class<T> type, String json) {
    PojoSerializer<T> serializer = JacksonFactory.getInstance().getSerializer(type);
    serializer.toJson(serializer.fromJson(json), new ByteArrayOutputStream());
  }

  private static boolean converse() throws IOException {
    String entropy = "00".repeat(64);
    boolean good = true;
    for (String header :
        List.of(
            "{\"op\":\"invoke\",\"requestId\":\"1\",\"deadlineEpochMs\":1,\"memoryMb\":128}",
            "{\"op\":\"beforeCheckpoint\"}",
            "{\"op\":\"afterRestore\",\"entropy\":\""
                + entropy
                + "\",\"environment\":{\"A\":\"b\"}}",
            "{\"op\":\"invoke\",\"requestId\":\"2\",\"deadlineEpochMs\":1,\"memoryMb\":128}")) {
      good &= ask(header).contains("\"ok\":true");
    }
    return good;
  }

  private static String ask(String header) throws IOException {
    byte[] head = header.getBytes(StandardCharsets.UTF_8);
    byte[] body = EVENT.getBytes(StandardCharsets.UTF_8);
    ByteBuffer request = ByteBuffer.allocate(8 + head.length + body.length);
    request.putInt(head.length).put(head).putInt(body.length).put(body).flip();
    try (SocketChannel connection = connect()) {
      while (request.hasRemaining()) {
        connection.write(request);
      }
      ByteBuffer reply = ByteBuffer.allocate(1 << 16);
      while (connection.read(reply) >= 0) {
        // Until the bootstrap closes.
      }
      return new String(reply.array(), 0, reply.position(), StandardCharsets.UTF_8);
    }
  }

  /** The bootstrap binds its socket meanwhile. */
  private static SocketChannel connect() throws IOException {
    UnixDomainSocketAddress address =
        UnixDomainSocketAddress.of(EnvironmentVariables.get("REKINDLE_SOCKET", ""));
    for (int attempt = 0; ; attempt++) {
      SocketChannel connection = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        connection.connect(address);
        return connection;
      } catch (IOException e) {
        connection.close();
        if (attempt > 1000) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a rehearsal", e);
    }
  }
}
