import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Allocates, collects and frees; answers each connection with a checksum of what it went through. */
public final class Churn {
  private static final byte[][] HELD = new byte[400][];
  private static final Object[] OBJECTS = new Object[400];
  private static final ByteBuffer[] DIRECT = new ByteBuffer[50];
  private static final Random RANDOM = new Random(7);

  private static String churn(int rounds) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < 100; i++) {
        int slot = RANDOM.nextInt(HELD.length);
        byte[] zeros = new byte[1 + RANDOM.nextInt(60_000)];
        ByteBuffer direct = ByteBuffer.allocateDirect(1 + RANDOM.nextInt(60_000));
        for (byte b : zeros) check(b);
        for (int k = 0; k < direct.capacity(); k++) check(direct.get(k));
        java.util.Arrays.fill(zeros, (byte) RANDOM.nextInt());
        while (direct.hasRemaining()) direct.put((byte) round);
        HELD[slot] = zeros;
        DIRECT[slot % DIRECT.length] = direct;
        List<String> list = new ArrayList<>();
        for (int k = RANDOM.nextInt(500); k > 0; k--) list.add("s" + k + round);
        OBJECTS[slot] = list;
      }
      for (int i = 0; i < 100; i++) HELD[RANDOM.nextInt(HELD.length)] = null;
      for (int i = 0; i < HELD.length; i++) {
        if (HELD[i] != null) digest.update(HELD[i]);
        if (OBJECTS[i] != null) digest.update(OBJECTS[i].toString().getBytes());
        if (DIRECT[i % DIRECT.length] != null) digest.update(DIRECT[i % DIRECT.length].get(0));
      }
      if (round % 10 == 0) System.gc();
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void check(byte b) {
    if (b != 0) throw new IllegalStateException("not zero");
  }

  public static void main(String[] arguments) throws Exception {
    churn(20);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of("/run/rekindle/function.sock"));
      while (true) {
        try (SocketChannel c = server.accept()) {
          ByteBuffer line = ByteBuffer.allocate(64);
          c.read(line);
          c.write(ByteBuffer.wrap(churn(Integer.parseInt(new String(line.array(), 0, line.position()).strip())).getBytes()));
        }
      }
    }
  }
}
