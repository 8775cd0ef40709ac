package dev.rekindle.orchestrator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.orchestrator.Bucket;
import dev.rekindle.orchestrator.Leftovers;
import dev.rekindle.orchestrator.StartupException;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.s3server.Link;
import dev.rekindle.s3server.S3Server;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The settings of the store, and what is opened by them. */
class StoreConfigTest {
  private Path directory;

  @BeforeEach
  void makeDirectory() throws Exception {
    directory = Leftovers.TEMPORARY.resolve("store-" + Long.toString(System.nanoTime(), 36));
    Files.createDirectories(directory);
  }

  @AfterEach
  void deleteDirectory() {
    FunctionStore.deleteTree(directory);
  }

  private static ServiceConfig load(Map<String, Object> s3) {
    return ServiceConfig.load(null, Map.of("store", Map.of("s3", s3)));
  }

  private static Map<String, Object> s3(Object... changes) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("endpoint", "http://127.0.0.1:9000");
    fields.put("bucket", "snapshots");
    for (int i = 0; i < changes.length; i += 2) {
      fields.put((String) changes[i], changes[i + 1]);
    }
    return fields;
  }

  @Test
  void load_nothingGiven_isADirectory() {
    assertThat(ServiceConfig.load(null, Map.of()).store().s3()).isNull();
    assertThat(ServiceConfig.load(null, Map.of("store", Map.of())).store().s3()).isNull();
  }

  @Test
  void load_s3_takesDefaultsForTheRest() {
    assertThat(load(s3()).store().s3())
        .isEqualTo(
            new S3Config(
                "http://127.0.0.1:9000",
                "snapshots",
                "",
                S3Config.DEFAULT_REGION,
                true,
                true,
                S3Config.DEFAULT_CONNECT_TIMEOUT_MS,
                S3Config.DEFAULT_SILENCE_TIMEOUT_MS,
                S3Config.DEFAULT_TOTAL_TIMEOUT_MS,
                S3Config.DEFAULT_ATTEMPTS));
    assertThat(load(s3("prefix", "team/a")).store().s3())
        .extracting(S3Config::prefix)
        .isEqualTo("team/a/");
  }

  @Test
  void load_invalidField_isNamed() {
    var wrong =
        Map.<String, Object>ofEntries(
            Map.entry("endpoint", "ftp://x"),
            Map.entry("bucket", "No Such"),
            Map.entry("prefix", "../up"),
            Map.entry("region", "EU West"),
            Map.entry("connectTimeoutMs", 0),
            Map.entry("silenceTimeoutMs", -1),
            Map.entry("totalTimeoutMs", 10_000_000),
            Map.entry("attempts", 0),
            Map.entry("pathStyle", "maybe"),
            Map.entry("secretKey", "hush-hush"));
    wrong.forEach(
        (field, value) ->
            assertThatThrownBy(() -> load(s3(field, value)))
                .as(field)
                .isInstanceOf(InvalidFieldException.class)
                .hasMessageContaining("store.s3." + field)
                .hasMessageNotContaining("hush-hush"));
    for (String endpoint :
        new String[] {
          "", "localhost:9000", "http://", "http://a b", "http://h/path", "http://h?q"
        }) {
      assertThatThrownBy(() -> load(s3("endpoint", endpoint)))
          .as(endpoint)
          .isInstanceOf(InvalidFieldException.class)
          .hasMessageContaining("store.s3.endpoint");
    }
    assertThatThrownBy(() -> load(s3("endpoint", "http://user:hush-hush@host")))
        .hasMessageContaining("environment")
        .hasMessageNotContaining("hush-hush");
    assertThatThrownBy(() -> load(Map.of())).hasMessageContaining("store.s3.endpoint");
    assertThatThrownBy(() -> ServiceConfig.load(null, Map.of("store", Map.of("S3", Map.of()))))
        .hasMessageContaining("store.S3")
        .hasMessageContaining("s3");
  }

  @Test
  void load_bucketAndSharedDirectory_isRefused() {
    assertThatThrownBy(
            () ->
                ServiceConfig.load(
                    null,
                    Map.of(
                        "store", Map.of("s3", s3()), "tiers", Map.of("sharedDirectory", "/mnt"))))
        .isInstanceOf(InvalidFieldException.class)
        .hasMessageContaining("tiers.sharedDirectory");
  }

  private BlobStore open(ServiceConfig config, S3Server server) {
    return Bucket.open(
        Objects.requireNonNull(config.store().s3()), server.environment(), directory);
  }

  @Test
  void open_bucketAwayAtFirst_isUsedOnceItIsThere() throws Exception {
    Path files = Files.createDirectories(directory.resolve("server"));
    try (var server = S3Server.start(files, "key", "secret");
        var link = Link.to(server.port())) {
      link.down();
      try (var store = open(load(s3("endpoint", link.endpoint().toString())), server)) {
        link.up();
        store.put("a", new byte[] {1}, Condition.IF_ABSENT);
        assertThat(store.get("a", 1)).containsExactly(1);
      }
    }
  }

  @Test
  void open_bucketThatCannotBeUsed_isRefused() throws Exception {
    Path files = Files.createDirectories(directory.resolve("server"));
    try (var server = S3Server.start(files, "key", "secret")) {
      String endpoint = server.endpoint().toString();
      assertThatThrownBy(() -> open(load(s3("endpoint", endpoint, "createBucket", false)), server))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("'snapshots'")
          .hasMessageContaining("createBucket");
      var config = Objects.requireNonNull(load(s3("endpoint", endpoint)).store().s3());
      assertThatThrownBy(() -> Bucket.open(config, Map.of(), directory))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("AWS_ACCESS_KEY_ID");
    }
  }
}
