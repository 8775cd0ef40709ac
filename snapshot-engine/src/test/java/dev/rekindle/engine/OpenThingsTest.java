package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forked children come back with their memory, and TCP connections come back closed. */
class OpenThingsTest {
  /**
   * Three children, forked and not executed anew: what they share with their parent is copied on
   * write.
   */
  private static final String CHILDREN =
      """
      import gc, hashlib, os
      data = bytearray(os.urandom(1 << 20) * 16)
      children = []
      def serve(n, commands, answers):
          mine = bytes([n + 1]) * (4 << 20)
          data[n * 4096] ^= 255
          for line in os.fdopen(commands):
              try: out = repr(eval(line, globals(), locals()))
              except Exception as e: out = repr(e)
              os.write(answers, (out + '\\n').encode())
          os._exit(0)
      def churn():
          for i in range(2):
              blocks = [bytearray(1 << 20) for i in range(16)]
              if any(map(any, blocks)): return False
              for b in blocks: b[::4096] = b'x' * 256
              del blocks
              gc.collect()
          return True
      digest = lambda: hashlib.sha1(data).hexdigest()
      for n in range(3):
          commands, answers = os.pipe(), os.pipe()
          pid = os.fork()
          if pid == 0:
              os.close(3)
              os.close(commands[1])
              serve(n, commands[0], answers[1])
          children.append((commands[1], answers[0]))
      def child(n, expression):
          os.write(children[n][0], (expression + '\\n').encode())
          return os.read(children[n][1], 65536).decode().strip()
      """;

  private static final String EACH = "([digest()] + [child(n, 'digest()') for n in range(3)])";

  private static SnapshotEngine engine;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private RestoredProcess restore(CheckpointResult checkpoint, RestoreMode mode) {
    return engine.restore(
        directory, checkpoint.requirements(), mode, TestEngine.spec(), (s, b) -> {});
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void forkedChildren_keepTheirOwnMemoryAndShareTheRest(RestoreMode mode) throws Exception {
    CheckpointResult checkpoint;
    String before;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, CHILDREN);
      before = TestEngine.ask(sandbox, EACH);
      assertThat(TestEngine.ask(sandbox, "len(set(" + EACH + "))")).isEqualTo("4");
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      assertThat(TestEngine.ask(sandbox, EACH)).isEqualTo(before);
    }
    try (Sandbox one = restore(checkpoint, mode).sandbox();
        Sandbox two = restore(checkpoint, mode).sandbox()) {
      assertThat(TestEngine.ask(one, EACH)).isEqualTo(before);
      assertThat(TestEngine.ask(one, "[child(n, 'set(mine) == {n + 1}') for n in range(3)]"))
          .isEqualTo("['True', 'True', 'True']");
      // Memory is given back and taken anew, in parent and children, and stays zero and apart.
      assertThat(TestEngine.ask(one, "[churn()] + [child(n, 'churn()') for n in range(3)]"))
          .isEqualTo("[True, 'True', 'True', 'True']");
      assertThat(TestEngine.ask(one, "child(1, 'data.__setitem__(5, 1 ^ data[5])')"))
          .isEqualTo("'None'");
      assertThat(TestEngine.ask(one, EACH + "[0:2] == " + before + "[0:2]")).isEqualTo("True");
      assertThat(TestEngine.ask(one, "child(1, 'digest()') == " + before + "[2]"))
          .isEqualTo("False");
      assertThat(TestEngine.ask(two, EACH)).as("another clone").isEqualTo(before);
      // And they can be forked again.
      assertThat(TestEngine.ask(two, "os.waitpid(os.fork() or os._exit(churn()), 0)[1] >> 8"))
          .isEqualTo("1");
    }
  }

  private static final String CONNECTIONS =
      """
      import http.client, http.server, select, socket, threading
      class Handler(http.server.BaseHTTPRequestHandler):
          protocol_version = 'HTTP/1.1'
          def do_GET(self):
              self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers()
              self.wfile.write(b'ok')
          def log_message(self, *a): pass
      server = http.server.ThreadingHTTPServer(('127.0.0.1', 9000), Handler)
      threading.Thread(target=server.serve_forever, daemon=True).start()
      def get():
          client.request('GET', '/')
          return client.getresponse().read()
      client = http.client.HTTPConnection('127.0.0.1', 9000)
      get()
      waiter, woken = socket.create_connection(('127.0.0.1', 9000)), []
      def wait():
          try: woken.append(waiter.recv(10))
          except OSError as e: woken.append(e)
      thread = threading.Thread(target=wait, daemon=True)
      thread.start()
      unaccepted = socket.create_server(('127.0.0.1', 9001))
      early = socket.create_connection(('127.0.0.1', 9001))
      udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 9002))
      def ended(c):
          try: return c.recv(1) == b''
          except OSError: return True
      """;

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void connections_areClosedSoThatClientsNoticeAndRecover(RestoreMode mode) throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, CONNECTIONS);
      checkpoint = engine.checkpoint(sandbox, pid, directory, true);
      assertThat(TestEngine.ask(sandbox, "get(), woken")).as("they stay").isEqualTo("(b'ok', [])");
    }
    try (Sandbox clone = restore(checkpoint, mode).sandbox()) {
      // What urllib3 and others ask before they use a connection again.
      assertThat(TestEngine.ask(clone, "len(select.select([client.sock], [], [], 5)[0])"))
          .isEqualTo("1");
      assertThat(TestEngine.ask(clone, "ended(client.sock), ended(early)"))
          .isEqualTo("(True, True)");
      assertThat(TestEngine.ask(clone, "thread.join(5), len(woken)"))
          .as("a thread that waits for data is woken")
          .isEqualTo("(None, 1)");
      assertThat(TestEngine.ask(clone, "client.close(), get(), get()"))
          .isEqualTo("(None, b'ok', b'ok')");
      assertThat(
              TestEngine.ask(
                  clone,
                  "socket.create_connection(('127.0.0.1', 9001)).sendall(b'x'),"
                      + " unaccepted.accept()[0].recv(1)"))
          .isEqualTo("(None, b'x')");
      assertThat(TestEngine.ask(clone, "udp.sendto(b'y', ('127.0.0.1', 9002)), udp.recv(9)"))
          .isEqualTo("(1, b'y')");
    }
  }

  @Test
  void network_outsideOfTheSandbox_isNotThere() throws Exception {
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      var unused = TestEngine.boot(sandbox, "");
      assertThat(TestEngine.ask(sandbox, "socket.create_connection(('192.0.2.1', 80), 5)"))
          .contains("Network is unreachable");
    }
  }
}
