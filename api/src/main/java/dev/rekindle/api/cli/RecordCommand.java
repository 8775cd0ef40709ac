package dev.rekindle.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionName;
import dev.rekindle.api.Json;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.api.RecordingText;
import dev.rekindle.api.client.ApiException;
import dev.rekindle.api.client.Recording;
import dev.rekindle.api.client.RekindleClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rekindle record}: makes a curve for {@code simulate} from a deployed function. */
@Command(
    name = "record",
    description = {
      "Measures each request in the life of one fresh process of a deployed function, and writes",
      "the latencies as CSV for 'simulate --curve'. Callers of the function are not disturbed.",
      "Exits with 0 when the file is written, 1 when it is not, 2 for arguments that are none."
    },
    mixinStandardHelpOptions = true)
final class RecordCommand implements Callable<Integer> {
  /** Progress is told so often. */
  private static final int TOLD = 10;

  @Parameters(paramLabel = "NAME", description = "The function.")
  private String name = "";

  @Option(names = "--requests", required = true, description = "How many requests to measure.")
  private int requests;

  @Option(names = "--out", required = true, description = "The file to write.")
  private Path out = Path.of("");

  @Option(names = "--url", description = "Where the service is (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://127.0.0.1:8080");

  @ArgGroup private Events events = new Events();

  @Spec private @Nullable CommandSpec spec;

  /** Where the events come from; without either they are the function's warm-up events. */
  private static final class Events {
    @Option(
        names = "--event",
        paramLabel = "JSON",
        description = "An event; given several times, they take turns.")
    private List<String> given = List.of();

    @Option(names = "--events", paramLabel = "FILE", description = "A file with an array of them.")
    private @Nullable Path file;

    @Nullable List<JsonNode> read() {
      if (file != null) {
        return array(file);
      }
      List<JsonNode> parsed = new ArrayList<>();
      given.forEach(event -> parsed.add(parse("--event " + event, event)));
      return parsed.isEmpty() ? null : parsed;
    }

    private static List<JsonNode> array(Path file) {
      JsonNode array;
      try {
        array = parse("--events " + file, Files.readString(file));
      } catch (IOException e) {
        throw new IllegalArgumentException("--events " + file + " cannot be read: " + e, e);
      }
      if (!array.isArray() || array.isEmpty()) {
        throw new IllegalArgumentException("--events " + file + " is no JSON array of events");
      }
      List<JsonNode> events = new ArrayList<>();
      array.forEach(events::add);
      return events;
    }

    private static JsonNode parse(String what, String json) {
      try {
        JsonNode node = Json.mapper().readTree(json);
        if (!node.isMissingNode()) {
          return node;
        }
      } catch (IOException e) {
        throw new IllegalArgumentException(what + " is not JSON: " + e.getMessage(), e);
      }
      throw new IllegalArgumentException(what + " is empty");
    }
  }

  @Override
  public Integer call() {
    RecordingRequest request;
    try {
      request = new RecordingRequest(requests, events.read());
      check();
    } catch (IllegalArgumentException e) {
      say(String.valueOf(e.getMessage()));
      return 2;
    }
    Path target = out.toAbsolutePath();
    Path partial;
    try {
      partial = begin(target);
    } catch (IOException e) {
      say("%s cannot be written: %s".formatted(out, e));
      return 1;
    }
    partial.toFile().deleteOnExit(); // a signal ends it
    try {
      Recording recording = new RekindleClient(url).record(name, request, this::progress);
      Files.writeString(partial, text(recording), StandardCharsets.UTF_8);
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      tell(recording);
      return 0;
    } catch (ApiException e) {
      say(String.valueOf(e.getMessage()));
      return 1;
    } catch (IOException e) {
      say("%s cannot be written: %s".formatted(out, e));
      return 1;
    } finally {
      discard(partial);
    }
  }

  private void check() {
    FunctionName unused = new FunctionName(name);
    if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
      throw new IllegalArgumentException(
          "--url " + url + " is no address such as http://127.0.0.1:8080");
    }
  }

  /** Before anything is measured: minutes later is too late to learn that there is no place. */
  private static Path begin(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException("it is a directory");
    }
    return Files.writeString(
        target.resolveSibling(
            target.getFileName() + "." + ProcessHandle.current().pid() + ".partial"),
        "");
  }

  private void discard(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      say("remove %s yourself: %s".formatted(partial, e));
    }
  }

  private static String text(Recording recording) {
    StringBuilder text = new StringBuilder(RecordingText.HEADER).append('\n');
    for (int i = 0; i < recording.latenciesUs().size(); i++) {
      text.append(RecordingText.row(i + 1, recording.latenciesUs().get(i)));
    }
    return text.toString();
  }

  private void progress(int measured) {
    if (measured % Math.max(1, requests / TOLD) == 0) {
      say("%d of %d requests".formatted(measured, requests));
    }
  }

  private void tell(Recording recording) {
    if (recording.failed() > 0) {
      say(
          "the function answered %d of %d requests with an error: their latencies are in the file"
              .formatted(recording.failed(), requests));
    }
    say("wrote " + out);
  }

  private void say(String what) {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    err.println("rekindle record: " + what);
    err.flush();
  }
}
