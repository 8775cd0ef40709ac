package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that a function keeps open below /tmp are the same files in its clones. */
class OpenFilesTest {
  private static final String ORDERS =
      """
      import os, sqlite3
      PATH = '/tmp/orders.db'
      def connect(): return sqlite3.connect(PATH, isolation_level=None)
      kept = connect()
      kept.execute('pragma journal_mode=%s')
      kept.execute('create table orders(id integer primary key)')
      first = os.stat(PATH)
      def count(c): return c.execute('select count(*) from orders').fetchone()[0]
      def handler(event, context):
          for i in range(10):
              kept.execute('insert into orders default values')
              other = connect()
              other.execute('insert into orders default values')
              seen = count(other)
              other.close()
          now = os.stat(PATH)
          return {'seen': seen, 'kept': count(kept),
                  'same': (first.st_dev, first.st_ino) == (now.st_dev, now.st_ino),
                  'deleted': [l for l in map(lambda f: os.readlink('/proc/self/fd/' + f) if
                      os.path.lexists('/proc/self/fd/' + f) else '', os.listdir('/proc/self/fd')) if 'deleted' in l]}
      """;

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  @ParameterizedTest
  @CsvSource({"delete, MAPPED", "wal, MAPPED", "wal, EAGER", "wal, LAZY"})
  void twoConnectionsToOneDatabase_loseNothingInClones(String journal, RestoreMode mode)
      throws Exception {
    String name = journal + "-" + mode.wire();
    service.deployAndFreeze(
        name,
        Sample.settings(f -> f.put("restoreMode", mode.wire())),
        Sample.source(ORDERS.formatted(journal)));
    for (int clone = 0; clone < 2; clone++) {
      for (int request = 2; request <= 3; request++) {
        InvocationReply reply = service.invoke(name, "{}");
        assertThat(reply.start()).isEqualTo(request == 2 ? StartKind.RESTORED : StartKind.WARM);
        JsonNode said = TestService.json(reply);
        assertThat(said.path("kept").asInt()).as("%s", said).isEqualTo(20 * request);
        assertThat(said.path("seen").asInt()).isEqualTo(20 * request);
        assertThat(said.path("same").asBoolean()).isTrue();
        assertThat(said.path("deleted")).isEmpty();
      }
      service.evictAll(name);
    }
  }
}
