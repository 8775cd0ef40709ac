package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.UnknownFieldSet;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clocks and timers show a restored function, also on a machine that started later. */
class ClocksTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** So far ahead was the machine of the checkpoint. */
  private static final Duration AHEAD = Duration.ofDays(10);

  private static final String CLOCKS =
      """
      import json, select, socket, threading, time
      def clocks():
          return [time.time_ns(), time.monotonic_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)]
      def slept():
          a = time.monotonic(); time.sleep(0.05)
          b = time.monotonic(); select.select([], [], [], 0.05)
          c = time.monotonic(); threading.Event().wait(0.05)
          return [b - a, c - b, time.monotonic() - c]
      """;

  private static SnapshotEngine engine;

  @TempDir Path directory;
  @TempDir Path second;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static JsonNode ask(Sandbox sandbox, String expression) throws Exception {
    return JSON.readTree(TestEngine.ask(sandbox, expression));
  }

  private static RestoredProcess restore(Path snapshot, RestoreMode mode) {
    var requirements = engine.host().toRequirements();
    return mode == RestoreMode.LAZY
        ? engine
            .restoreLazily(
                snapshot,
                requirements,
                TestEngine.spec(),
                (s, b) -> {},
                Optional.empty(),
                new LazyOptions(Optional.empty(), false))
            .process()
        : engine.restore(snapshot, requirements, mode, TestEngine.spec(), (s, b) -> {});
  }

  /** Freezes and ends a function; returns what its clocks showed just before. */
  private JsonNode freeze(String prologue) throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, prologue);
      JsonNode before = ask(sandbox, "clocks()");
      engine.checkpoint(sandbox, pid, directory, false);
      return before;
    }
  }

  /** Has the snapshot come from a machine that had run for longer than this one. */
  private void putAhead() throws Exception {
    Path image;
    try (Stream<Path> files = Files.list(directory.resolve("images"))) {
      image = files.filter(f -> f.getFileName().toString().startsWith("timens-")).findFirst().get();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] message = new byte[bytes.getInt(8)];
    bytes.position(12).get(message);
    // CRIU's TimensEntry: monotonic (1) and boottime (2), each of tv_sec (1) and tv_nsec (2).
    UnknownFieldSet clocks = UnknownFieldSet.parseFrom(message);
    UnknownFieldSet.Builder changed = UnknownFieldSet.newBuilder();
    for (int clock : new int[] {1, 2}) {
      UnknownFieldSet time =
          UnknownFieldSet.parseFrom(clocks.getField(clock).getLengthDelimitedList().get(0));
      long seconds = time.getField(1).getVarintList().get(0) + AHEAD.toSeconds();
      UnknownFieldSet later =
          UnknownFieldSet.newBuilder(time)
              .clearField(1)
              .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(seconds).build())
              .build();
      changed.addField(
          clock,
          UnknownFieldSet.Field.newBuilder().addLengthDelimited(later.toByteString()).build());
    }
    byte[] written = changed.build().toByteArray();
    ByteBuffer whole = ByteBuffer.allocate(12 + written.length).order(ByteOrder.LITTLE_ENDIAN);
    whole.put(bytes.array(), 0, 8).putInt(written.length).put(written);
    Files.write(image, whole.array());
  }

  @ParameterizedTest
  @EnumSource(RestoreMode.class)
  void clocks_afterARestore_goOn(RestoreMode mode) throws Exception {
    JsonNode before = freeze(CLOCKS);
    try (Sandbox clone = restore(directory, mode).sandbox()) {
      assertThatClocksGoOn(before, ask(clone, "clocks()"), Duration.ZERO);
    }
  }

  private static void assertThatClocksGoOn(JsonNode before, JsonNode now, Duration ahead) {
    assertThat(now.get(0).asLong() / 1_000_000)
        .as("wall clock")
        .isBetween(System.currentTimeMillis() - 5_000, System.currentTimeMillis() + 1);
    for (int clock : new int[] {1, 2}) {
      long frozen = before.get(clock).asLong() + ahead.toNanos();
      assertThat(now.get(clock).asLong())
          .isBetween(frozen, frozen + Duration.ofMinutes(1).toNanos());
    }
  }

  @ParameterizedTest
  @EnumSource(RestoreMode.class)
  void clocks_onAMachineThatStartedLater_goOnToo(RestoreMode mode) throws Exception {
    JsonNode before = freeze(CLOCKS);
    putAhead();
    RestoredProcess restored = restore(directory, mode);
    try (Sandbox clone = restored.sandbox()) {
      JsonNode now = ask(clone, "clocks()");
      assertThatClocksGoOn(before, now, AHEAD);
      // Timers count by the same clocks.
      for (JsonNode seconds : ask(clone, "slept()")) {
        assertThat(seconds.asDouble()).isBetween(0.049, 30.0);
      }
      // And it is a function like any other: its own clones go on from it.
      if (mode != RestoreMode.LAZY) {
        engine.checkpoint(clone, restored.pid(), second, true);
        JsonNode later = ask(clone, "clocks()");
        assertThat(later.get(1).asLong()).isGreaterThan(now.get(1).asLong());
        try (Sandbox again = restore(second, mode).sandbox()) {
          assertThatClocksGoOn(now, ask(again, "clocks()"), Duration.ZERO);
        }
      }
    }
  }

  /** Every kind of timer is set to two seconds; each notes after how long it fired. */
  private static final String TIMERS =
      CLOCKS
          + """
          import ctypes, os, signal, struct
          libc = ctypes.CDLL(None, use_errno=True)
          LONG = 2.0
          fired = {}
          begun = time.monotonic()
          def note(name): fired.setdefault(name, time.monotonic() - begun)
          def timerfd(flags, seconds):
              fd = libc.timerfd_create(1, 0)
              whole = int(seconds)
              value = struct.pack('qqqq', 0, 0, whole, int((seconds - whole) * 1e9))
              assert libc.timerfd_settime(fd, flags, value, None) == 0
              return fd
          relative, absolute = timerfd(0, LONG), timerfd(1, begun + LONG)
          quiet = socket.socketpair()
          quiet_poll = select.poll(); quiet_poll.register(quiet[0], select.POLLIN)
          epoll = select.epoll()
          waits = {
              'sleep': lambda: time.sleep(LONG),
              'timer': lambda: threading.Event().wait(LONG),
              'poll': lambda: quiet_poll.poll(LONG * 1000),
              'epoll': lambda: epoll.poll(LONG),
              'timerfd': lambda: os.read(relative, 8),
              'timerfd absolute': lambda: os.read(absolute, 8),
          }
          def run(name, wait):
              wait(); note(name)
          for item in waits.items():
              threading.Thread(target=run, args=item, daemon=True).start()
          signal.signal(signal.SIGALRM, lambda *a: note('itimer'))
          signal.setitimer(signal.ITIMER_REAL, LONG)
          """;

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void timers_haveTheTimeLeftThatTheyHadWhenFrozen(RestoreMode mode) throws Exception {
    long begun = System.nanoTime();
    var unused = freeze(TIMERS);
    // By the wall clock all of them are overdue now.
    while (System.nanoTime() - begun < Duration.ofSeconds(3).toNanos()) {
      Thread.sleep(10);
    }
    try (Sandbox clone = restore(directory, mode).sandbox()) {
      assertThat(ask(clone, "time.monotonic() - begun").asDouble())
          .as("the freeze took no time")
          .isLessThan(2.0);
      assertThat(TestEngine.ask(clone, "fired")).isEqualTo("{}");
      Eventually.eventually("all timers", () -> ask(clone, "len(fired)").asInt() == 7);
      JsonNode fired = JSON.readTree(TestEngine.ask(clone, "fired").replace('\'', '"'));
      for (JsonNode seconds : fired) {
        assertThat(seconds.asDouble()).as("%s", fired).isBetween(1.99, 12.0);
      }
    }
  }
}
