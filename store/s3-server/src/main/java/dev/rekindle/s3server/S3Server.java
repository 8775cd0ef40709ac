package dev.rekindle.s3server;

import java.io.IOException;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * S3Proxy as a process of its own, with a class path of its own, that keeps its objects in a
 * directory. The directory outlives the process: {@link #kill()} and {@link #start()} are what a
 * server's crash and return look like.
 */
public final class S3Server implements AutoCloseable {
  private static final String MAIN = "org.gaul.s3proxy.Main";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofMillis(20);

  private static final int LOWEST_PORT = 10_000;

  /** Linux's default of net.ipv4.ip_local_port_range. */
  private static final int LOWEST_OUTGOING_PORT = 32_768;

  private static final int MOST_PORTS_TRIED = 100;

  /** A port that is free now may be taken a moment later: then another one is tried. */
  private static final int ATTEMPTS = 5;

  /** What it says on its standard error: warnings and worse. */
  private static final String LOGBACK =
      """
      <configuration>
        <appender name="stderr" class="ch.qos.logback.core.ConsoleAppender">
          <target>System.err</target>
          <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="stderr"/></root>
      </configuration>
      """;

  private final Path directory;
  private final Path objects;
  private final String accessKey;
  private final String secretKey;
  private int port;
  private Process process;

  private S3Server(Path directory, Path objects, String accessKey, String secretKey)
      throws IOException {
    this.directory = directory;
    this.objects = objects;
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    Files.createDirectories(objects);
    Files.writeString(directory.resolve("logback.xml"), LOGBACK);
    for (int attempt = 1; ; attempt++) {
      port = freePort();
      try {
        process = launch();
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Starts a server on a free port and waits until it answers.
   *
   * @param directory for its configuration, its output and, in {@code objects}, its objects
   * @param accessKey the one access key it knows
   * @param secretKey the secret that belongs to it
   */
  public static S3Server start(Path directory, String accessKey, String secretKey)
      throws IOException {
    return start(directory, directory.resolve("objects"), accessKey, secretKey);
  }

  /**
   * Starts a server whose objects lie elsewhere, as on a disk of a certain size.
   *
   * @param objects for its objects
   * @see #start(Path, String, String)
   */
  public static S3Server start(Path directory, Path objects, String accessKey, String secretKey)
      throws IOException {
    return new S3Server(directory, objects, accessKey, secretKey);
  }

  /** Starts it again after {@link #kill()}, at the same port and with the same objects. */
  public synchronized void start() throws IOException {
    process = launch();
  }

  /** Ends it at once, whatever it is doing. */
  public synchronized void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Where its objects lie, each bucket a directory. */
  public Path objects() {
    return objects;
  }

  /** The port it listens on, on the loopback address. */
  public int port() {
    return port;
  }

  /** Its address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** The variables by which clients find the credentials. */
  public Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", accessKey, "AWS_SECRET_ACCESS_KEY", secretKey);
  }

  @Override
  public void close() {
    kill();
  }

  private Process launch() throws IOException {
    Path properties = directory.resolve("s3proxy.properties");
    Files.writeString(
        properties,
        """
        s3proxy.endpoint=%s
        s3proxy.authorization=aws-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
            .formatted(endpoint(), accessKey, secretKey, objects));
    Path output = directory.resolve("s3proxy.log");
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
            "-cp",
            jars() + "/*",
            MAIN,
            "--properties",
            properties.toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    Process launched = builder.start();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!answers()) {
      if (!launched.isAlive() || System.nanoTime() > deadline) {
        launched.destroyForcibly().onExit().join();
        throw new IOException("the S3 server did not start: " + tail(output));
      }
      pause();
    }
    return launched;
  }

  /** Beside this class's own jar or directory: both lie in the module's build directory. */
  private static Path jars() throws IOException {
    Path jars =
        Path.of(
                URI.create(
                    S3Server.class.getProtectionDomain().getCodeSource().getLocation().toString()))
            .resolveSibling("lib");
    if (!Files.isDirectory(jars)) {
      throw new IOException("the S3 server's jars are not in " + jars + ": run './rekindle setup'");
    }
    return jars;
  }

  private boolean answers() {
    try {
      var connection = (HttpURLConnection) endpoint().toURL().openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(10_000);
      int status = connection.getResponseCode();
      connection.disconnect();
      return status > 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(STEP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the S3 server started", e);
    }
  }

  /**
   * Of those that the kernel gives to no outgoing connection, so that nobody takes it while the
   * server is away.
   */
  private static int freePort() throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, LOWEST_OUTGOING_PORT);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        if (attempt == MOST_PORTS_TRIED) {
          throw e;
        }
      }
    }
  }

  private static String tail(Path file) throws IOException {
    List<String> lines = Files.readString(file, StandardCharsets.UTF_8).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }
}
