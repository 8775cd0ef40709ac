package dev.rekindle.store.blob.s3;

import static dev.rekindle.store.blob.BlobSamples.assertFails;
import static dev.rekindle.store.blob.BlobSamples.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.s3server.Link;
import dev.rekindle.s3server.S3Server;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobSamples;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where credentials come from, and that they go nowhere but to the server. */
class S3CredentialsTest {
  private static final String KEY = S3Samples.ACCESS_KEY;
  private static final String SECRET = S3Samples.SECRET_KEY;
  private static final String TOKEN = "test-session-token-FwoGZ";

  private static S3Server server;

  @TempDir Path home;

  @BeforeAll
  static void startServer(@TempDir Path directory) throws IOException {
    server = S3Samples.start(directory);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private S3Blobs open(Map<String, String> environment) {
    return open(S3Samples.settings(server.endpoint(), ""), environment);
  }

  private S3Blobs open(S3Settings settings, Map<String, String> environment) {
    return S3Blobs.open(settings, environment, home, new Random(1));
  }

  private void assertWorks(Map<String, String> environment) throws BlobException {
    try (var store = open(environment)) {
      store.checkBucket();
      store.put("a", bytes(1, 10), Condition.ALWAYS);
    }
  }

  private Path write(String name, String text) throws IOException {
    Files.createDirectories(home.resolve(".aws"));
    return Files.writeString(home.resolve(".aws").resolve(name), text);
  }

  private static String profile(String section, String key, String secret) {
    return "# a comment\n\n[%s]\naws_access_key_id = %s\naws_secret_access_key=%s\n"
        .formatted(section, key, secret);
  }

  @Test
  void open_environment_isUsed() throws BlobException {
    assertWorks(Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", SECRET));
    assertWorks(Map.of("MINIO_ACCESS_KEY", KEY, "MINIO_SECRET_KEY", SECRET));
    assertWorks(Map.of("MINIO_ROOT_USER", KEY, "MINIO_ROOT_PASSWORD", SECRET));
  }

  @Test
  void open_files_areUsedByProfile() throws Exception {
    write("credentials", profile("default", KEY, SECRET) + profile("other", "no", "no"));
    assertWorks(Map.of());
    write("credentials", profile("default", "no", "no") + profile("other", KEY, SECRET));
    assertWorks(Map.of("AWS_PROFILE", "other"));
    Path elsewhere = write("elsewhere", profile("default", KEY, SECRET));
    assertWorks(Map.of("AWS_SHARED_CREDENTIALS_FILE", elsewhere.toString()));
    Files.delete(home.resolve(".aws/credentials"));
    write("config", "[default]\nregion = eu-west-1\n" + profile("profile dev", KEY, SECRET));
    assertWorks(Map.of("AWS_PROFILE", "dev"));
    write("config", profile("default", KEY, SECRET));
    assertWorks(Map.of());
  }

  @Test
  void open_fileRenewed_usesTheNewOnes() throws Exception {
    write("credentials", profile("default", KEY, "outdated"));
    try (var store = open(Map.of())) {
      assertFails(Reason.ACCESS_DENIED, store::checkBucket);
      write("credentials", profile("default", KEY, SECRET));
      store.checkBucket();
    }
  }

  @Test
  void calls_noCredentials_sayWhereTheyWereLookedFor() throws Exception {
    try (var store = open(Map.of())) {
      assertThat(assertFails(Reason.ACCESS_DENIED, store::checkBucket))
          .hasMessageContaining("AWS_ACCESS_KEY_ID")
          .hasMessageContaining("MINIO_ACCESS_KEY")
          .hasMessageContaining(home.resolve(".aws/credentials").toString())
          .hasMessageContaining(home.resolve(".aws/config").toString())
          .hasMessageContaining("'default'");
    }
    try (var store = open(Map.of("AWS_ACCESS_KEY_ID", KEY))) {
      assertThat(assertFails(Reason.ACCESS_DENIED, store::checkBucket))
          .hasMessageContaining("only one is set");
    }
    for (String damaged : List.of("aws_access_key_id=x\n", "[default", "[default]\n", "\0\0")) {
      write("credentials", damaged);
      try (var store = open(Map.of())) {
        assertFails(Reason.ACCESS_DENIED, store::checkBucket);
      }
    }
  }

  @Test
  void calls_wrongCredentials_areRefusedAtOnce() throws Exception {
    for (var wrong :
        List.of(
            Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", "wrong"),
            Map.of("AWS_ACCESS_KEY_ID", "unknown", "AWS_SECRET_ACCESS_KEY", SECRET))) {
      try (var store = open(wrong)) {
        for (var call :
            List.<BlobSamples.Call>of(
                store::checkBucket,
                () -> store.get("a", 10),
                () -> store.put("a", bytes(1, 10), Condition.IF_ABSENT),
                () -> store.list("", info -> {}),
                () -> store.delete("a"),
                () -> store.head("a"))) {
          assertThat(assertFails(Reason.ACCESS_DENIED, call))
              .hasMessageContaining("check the credentials")
              .hasMessageNotContaining("attempts");
        }
      }
    }
  }

  @Test
  void failures_ofAnyKind_showNoSecret() throws Exception {
    var texts = new ArrayList<String>();
    var environment = new HashMap<>(Map.of("AWS_ACCESS_KEY_ID", KEY, "AWS_SESSION_TOKEN", TOKEN));
    try (var link = Link.to(server.port())) {
      var settings =
          S3Samples.impatient(link.endpoint(), Duration.ofMillis(300), Duration.ofSeconds(20), 2);
      for (String secret : List.of(SECRET, "wrong" + SECRET)) {
        environment.put("AWS_SECRET_ACCESS_KEY", secret);
        try (var store = open(settings, environment)) {
          texts.add(store.toString());
          texts.add(new S3Credentials(environment, home).toString());
          texts.add(failure(() -> store.get("none", 10)));
          link.refuse(10);
          texts.add(failure(() -> store.get("none", 10)));
          link.refuse(0);
          link.cutReplies(10, 10);
          texts.add(failure(() -> store.put("a", bytes(1, 10), Condition.ALWAYS)));
          link.cutReplies(0, 0);
          link.setSilent(true);
          texts.add(failure(() -> store.get("a", 10)));
          link.setSilent(false);
          link.down();
          texts.add(failure(() -> store.head("a")));
          link.up();
        }
      }
    }
    environment.remove("AWS_ACCESS_KEY_ID");
    try (var store = open(environment)) {
      texts.add(failure(() -> store.get("a", 10)));
    }
    assertThat(texts).hasSizeGreaterThan(10);
    for (String text : texts) {
      assertThat(text).doesNotContain(SECRET).doesNotContain(TOKEN).doesNotContain(KEY);
    }
  }

  /** All that a log would show of a failure: its message, its causes and their traces. */
  private static String failure(BlobSamples.Call call) throws Exception {
    try {
      call.run();
    } catch (BlobException e) {
      var text = new StringWriter();
      e.printStackTrace(new PrintWriter(text, true));
      return text.toString();
    }
    throw new AssertionError("expected a failure");
  }
}
