package dev.rekindle.engine.image;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The container of CRIU's image files: two little-endian magic words, then protobuf messages, each
 * after its length (uint32, little-endian). Page contents (pages-*.img) have no container.
 */
public final class ImageFile {
  // Magic words from CRIU's criu/include/magic.h.
  /** Magic word of all images but pages. */
  public static final int COMMON = 0x54564319;

  /** Magic word of the description of an address space. */
  public static final int MM = 0x57492820;

  /** Magic word of the list of pages. */
  public static final int PAGEMAP = 0x56084025;

  /** Magic word of the list of files. */
  public static final int FILES = 0x56303138;

  static final int SECCOMP = 0x64413049;
  public static final int REMAPPED_FILES = 0x59133954;

  /**
   * More than any real image of the kinds we read: a thousand times the JVM's. Keeps a damaged
   * directory from filling the heap.
   */
  private static final long MAX_BYTES = 256L << 20;

  private static final int WORD = 4;

  private final Path path;
  private final ByteBuffer content;

  private ImageFile(Path path, ByteBuffer content) {
    this.path = path;
    this.content = content;
  }

  /**
   * Opens an image of a known kind.
   *
   * @throws ImageException if it is another kind, or damaged
   */
  public static ImageFile open(Path path, int magic) throws IOException {
    long size = Files.size(path);
    if (size > MAX_BYTES) {
      throw new ImageException(path + " is " + size + " bytes long: no image of its kind is");
    }
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    if (content.remaining() < 2 * WORD || content.getInt() != COMMON || content.getInt() != magic) {
      throw new ImageException(path + " does not begin as an image of its kind");
    }
    return new ImageFile(path, content);
  }

  /** Whether another message follows. */
  boolean hasNext() {
    return content.hasRemaining();
  }

  /** The next message. */
  public <T extends MessageLite> T next(Parser<T> parser) throws ImageException {
    if (content.remaining() < WORD) {
      throw new ImageException(path + " ends in the middle of a length");
    }
    int length = content.getInt();
    if (length < 0 || length > content.remaining()) {
      throw new ImageException(path + " ends in the middle of a message");
    }
    try {
      T message = parser.parseFrom(content.slice().limit(length));
      content.position(content.position() + length);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new ImageException(path + " holds a message that is not of its kind");
    }
  }

  /** All messages that follow. */
  public <T extends MessageLite> List<T> rest(Parser<T> parser) throws ImageException {
    List<T> messages = new ArrayList<>();
    while (hasNext()) {
      messages.add(next(parser));
    }
    return messages;
  }

  /** Writes an image anew. */
  public static void write(Path path, int magic, List<? extends MessageLite> messages)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    word(out, COMMON);
    word(out, magic);
    for (MessageLite message : messages) {
      word(out, message.getSerializedSize());
      message.writeTo(out);
    }
    Files.write(path, out.toByteArray());
  }

  private static void word(ByteArrayOutputStream out, int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      out.write(value >>> shift);
    }
  }
}
