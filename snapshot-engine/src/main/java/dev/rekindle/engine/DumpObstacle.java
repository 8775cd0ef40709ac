package dev.rekindle.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What keeps a function from being frozen, in the function's own terms: CRIU's log read by a table.
 * The patterns are CRIU's messages; what no row knows is left to the log itself.
 */
final class DumpObstacle {
  private static final String CLOSE = "close it before the function is frozen";

  /** Kernel objects behind descriptors, as the kernel names them, and what programs call them. */
  private static final Map<String, String> OBJECTS =
      Map.of(
          "io_uring", "an io_uring",
          "userfaultfd", "a userfaultfd",
          "landlock-ruleset", "a Landlock rule set",
          "perf_event", "a performance counter (perf_event)",
          "bpf-map", "a BPF map",
          "bpf-prog", "a BPF program");

  /** Socket families without a checkpoint that programs use; numbers are Linux's (socket.h). */
  private static final Map<String, String> FAMILIES =
      Map.of(
          "15", "AF_KEY",
          "21", "AF_RDS",
          "29", "AF_CAN",
          "30", "AF_TIPC",
          "31", "AF_BLUETOOTH",
          "38", "AF_ALG",
          "40", "AF_VSOCK",
          "44", "AF_XDP");

  /** Internet protocols beside TCP and UDP; numbers are IANA's, and Linux's for MPTCP. */
  private static final Map<String, String> PROTOCOLS =
      Map.of("132", "SCTP", "33", "DCCP", "256", "SMC", "262", "MPTCP");

  private interface Sentence {
    String of(MatchResult match);
  }

  private record Row(Pattern pattern, Sentence sentence) {
    static Row of(String pattern, Sentence sentence) {
      return new Row(Pattern.compile(pattern), sentence);
    }
  }

  private static final List<Row> ROWS =
      List.of(
          Row.of(
              "Can't dump file (-?\\d+) of that type \\[\\d+] \\(anon anon_inode:\\[?([^\\])]+)]?\\)",
              m ->
                  "it holds %s (descriptor %s); %s"
                      .formatted(
                          OBJECTS.getOrDefault(m.group(2), "a kernel object of type " + m.group(2)),
                          m.group(1),
                          CLOSE)),
          Row.of(
              "Can't dump file (-?\\d+) of that type \\[\\d+] \\((chr|blk) ([^)]*)\\)",
              m ->
                  "it holds the %s device %s (descriptor %s); %s"
                      .formatted(
                          m.group(2).equals("chr") ? "character" : "block",
                          m.group(3),
                          m.group(1),
                          CLOSE)),
          Row.of(
              "Unknown socket collected \\(family (\\d+)\\)",
              m ->
                  "it holds a socket of family %s (%s); %s"
                      .formatted(
                          m.group(1), FAMILIES.getOrDefault(m.group(1), "no usual one"), CLOSE)),
          Row.of(
              "netlink: The socket has data to read",
              m -> "it holds a netlink socket with unread messages; read them or " + CLOSE),
          Row.of(
              "inet: Unsupported proto (\\d+) for socket",
              m ->
                  "it holds a socket of protocol %s (%s); use TCP or UDP"
                      .formatted(m.group(1), PROTOCOLS.getOrDefault(m.group(1), "no usual one"))),
          Row.of(
              "inet: Can't dump corked dgram socket",
              m -> "it holds a UDP socket with a half-written (corked) message; send it first"),
          Row.of(
              "/secretmem \\(deleted\\)",
              m -> "it holds secret memory (memfd_secret), which nobody else may read"),
          Row.of(
              "Can't lookup mount=\\d+ for fd=(-?\\d+) path=(\\S+)",
              m ->
                  "it holds %s (descriptor %s), which lies on no file system of its sandbox, as POSIX message queues do; %s"
                      .formatted(m.group(2), m.group(1), CLOSE)),
          Row.of(
              "PIDFD_THREAD flag is currently not supported",
              m -> "it holds a pidfd of a thread; " + CLOSE),
          Row.of(
              "The packetized mode for pipes is not supported",
              m -> "it holds a pipe in packet mode (O_DIRECT); use a socket pair"),
          Row.of(
              "with SysVIPC shmem map",
              m -> "it holds System V shared memory; use mmap or memfd_create"),
          Row.of(
              "Can't dump ghost file (\\S+) of (\\d+) size",
              m ->
                  "it holds the deleted file %s of %s bytes open; %s"
                      .formatted(m.group(1), m.group(2), CLOSE)),
          Row.of(
              "Can't link remap to (\\S+): File exists",
              m ->
                  "beside the deleted file %s, which it holds open, it has a file link_remap.NUMBER, a name that CRIU needs; rename it, or close the deleted one"
                      .formatted(m.group(1))),
          Row.of(
              "(?:pid|task|SEIZE|ptrace).*(?:Operation not permitted|already (?:being )?traced)",
              m -> "one of its processes traces another (ptrace); let it go"),
          Row.of(
              "unix: (?:Can't dump half of stream unix connection|External socket is used)",
              m ->
                  "it holds an open connection to somebody outside of its sandbox; let it end first"));

  private DumpObstacle() {}

  /** What the log of a refused dump says, in one sentence; empty if no row knows it. */
  static Optional<String> find(List<String> log) {
    for (String line : log) {
      for (Row row : ROWS) {
        Matcher matcher = row.pattern().matcher(line);
        if (matcher.find()) {
          return Optional.of(row.sentence().of(matcher));
        }
      }
    }
    return Optional.empty();
  }
}
