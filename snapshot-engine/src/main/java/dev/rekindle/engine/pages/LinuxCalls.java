package dev.rekindle.engine.pages;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * The system calls that the JDK has no way to make. Addresses and results are plain numbers, so a
 * call allocates nothing; a failed call returns the negative errno, as the kernel itself does.
 *
 * <p>Longer than most files, since the native surface of the engine is best reviewed in one place.
 * The numbers are those of Linux on x86-64 and aarch64, which agree on all that is used here except
 * the layout of {@code epoll_event}.
 */
final class LinuxCalls {
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EEXIST = 17;
  static final int ENOSPC = 28;

  static final int EPOLLIN = 1;

  /** Bytes of an {@code epoll_event}: packed on x86-64 only. */
  static final int EPOLL_EVENT_BYTES = System.getProperty("os.arch").equals("amd64") ? 12 : 16;

  /** Where the data word lies in an {@code epoll_event}. */
  static final int EPOLL_DATA_OFFSET = EPOLL_EVENT_BYTES - 8;

  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0x800 | 0x80000;
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EFD_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CMSG_CLOEXEC_DONTWAIT = 0x40000000 | 0x40;
  private static final int O_CLOEXEC = 0x80000;
  private static final int PROT_READ = 1;
  private static final int PROT_NONE = 0;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int SUN_PATH_OFFSET = 2;
  private static final int SUN_PATH_BYTES = 108;
  private static final int BACKLOG = 4;

  /** {@code struct msghdr}, one iovec, one byte of data and one descriptor's control message. */
  static final int MESSAGE_BYTES = 56 + 16 + 8 + 24;

  private static final int IOVEC_AT = 56;
  private static final int DATA_AT = 72;
  private static final int CONTROL_AT = 80;
  private static final int CONTROL_BYTES = 24;

  /** The C library's entries; public because the binding's generated class lies elsewhere. */
  public interface Libc {
    /** socket(2). */
    int socket(int domain, int type, int protocol);

    /** bind(2). */
    int bind(int fd, long address, int bytes);

    /** listen(2). */
    int listen(int fd, int backlog);

    /** accept4(2). */
    int accept4(int fd, long address, long bytes, int flags);

    /** recvmsg(2). */
    long recvmsg(int fd, long message, int flags);

    /** read(2). */
    long read(int fd, long buffer, long bytes);

    /** write(2). */
    long write(int fd, long buffer, long bytes);

    /** open(2). */
    int open(byte[] path, int flags, int mode);

    /** close(2). */
    int close(int fd);

    /** ioctl(2). */
    int ioctl(int fd, long request, long argument);

    /**
     * mmap(2). With a pointer, so that the binding takes its general path: its fast path (jnr-ffi
     * 2.3.4) passes the sixth number wrongly.
     */
    Pointer mmap(
        @Nullable Pointer address, long bytes, int protection, int flags, int fd, long offset);

    /** munmap(2). */
    int munmap(long address, long bytes);

    /** epoll_create1(2). */
    int epoll_create1(int flags);

    /** epoll_ctl(2). */
    int epoll_ctl(int epoll, int operation, int fd, long event);

    /** epoll_wait(2). */
    int epoll_wait(int epoll, long events, int capacity, int timeoutMillis);

    /** eventfd(3). */
    int eventfd(int value, int flags);
  }

  private static final Libc LIBC = LibraryLoader.create(Libc.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

  private LinuxCalls() {}

  /** Zeroed memory outside the heap; freed when the pointer is collected, so keep the pointer. */
  static Pointer allocate(int bytes) {
    return Memory.allocateDirect(RUNTIME, bytes, true);
  }

  private static long result(long value) {
    return value < 0 ? -RUNTIME.getLastError() : value;
  }

  private static int result(int value) {
    return value < 0 ? -RUNTIME.getLastError() : value;
  }

  /** A non-blocking unix stream socket that listens at a path of at most 107 bytes. */
  static int listen(Path path) {
    Pointer address = unixAddress(path);
    // SAFETY: takes no pointer.
    int fd = result(LIBC.socket(AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
    if (fd < 0) {
      return fd;
    }
    try {
      Files.deleteIfExists(path); // one left by a server thread that died
    } catch (IOException e) {
      // bind then says that the address is in use
    }
    int error = bind(fd, address);
    if (error == 0) {
      // SAFETY: takes no pointer.
      error = result(LIBC.listen(fd, BACKLOG));
    }
    if (error < 0) {
      close(fd);
      return error;
    }
    return fd;
  }

  private static int bind(int fd, Pointer address) {
    try {
      // SAFETY: address holds a sockaddr_un of that size and is reachable until after the call.
      return result(LIBC.bind(fd, address.address(), (int) address.size()));
    } finally {
      Reference.reachabilityFence(address);
    }
  }

  private static Pointer unixAddress(Path path) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= SUN_PATH_BYTES) {
      throw new IllegalArgumentException("too long for a unix socket: " + path);
    }
    Pointer address = allocate(SUN_PATH_OFFSET + SUN_PATH_BYTES);
    address.putShort(0, (short) AF_UNIX);
    address.put(SUN_PATH_OFFSET, name, 0, name.length);
    return address;
  }

  /** Takes a waiting connection, non-blocking; -EAGAIN if none waits. */
  static int accept(int fd) {
    // SAFETY: null addresses tell the kernel not to report the peer.
    return result(LIBC.accept4(fd, 0, 0, SOCK_STREAM_NONBLOCK_CLOEXEC & ~1));
  }

  /** Writes an empty message header for one byte and one descriptor into {@code message}. */
  private static void prepareMessage(Pointer message) {
    long base = message.address();
    message.putLong(0, 0);
    message.putLong(8, 0);
    message.putLong(16, base + IOVEC_AT);
    message.putLong(24, 1);
    message.putLong(32, base + CONTROL_AT);
    message.putLong(40, CONTROL_BYTES);
    message.putLong(48, 0);
    message.putLong(IOVEC_AT, base + DATA_AT);
    message.putLong(IOVEC_AT + 8, 1);
  }

  /**
   * Receives one byte with a descriptor.
   *
   * @param message scratch memory of {@link #MESSAGE_BYTES}
   * @return the descriptor; -EAGAIN if nothing is there yet; -ENOENT if none came or the peer left
   */
  static int receiveDescriptor(int fd, Pointer message) {
    prepareMessage(message);
    message.putLong(CONTROL_AT, 0);
    // SAFETY: the header in message points only into message, which has MESSAGE_BYTES.
    long bytes = result(LIBC.recvmsg(fd, message.address(), MSG_CMSG_CLOEXEC_DONTWAIT));
    if (bytes < 0) {
      return (int) bytes;
    }
    boolean rights =
        bytes == 1
            && message.getLong(CONTROL_AT) == 20
            && message.getInt(CONTROL_AT + 8) == SOL_SOCKET
            && message.getInt(CONTROL_AT + 12) == SCM_RIGHTS;
    return rights ? message.getInt(CONTROL_AT + 16) : -ENOENT;
  }

  /** read(2) into native memory. */
  static long read(int fd, Pointer buffer, long bytes) {
    if (bytes > buffer.size()) {
      throw new IndexOutOfBoundsException(bytes);
    }
    // SAFETY: the kernel writes at most bytes, which the buffer holds.
    return result(LIBC.read(fd, buffer.address(), bytes));
  }

  /** write(2) from native memory. */
  static long write(int fd, Pointer buffer, long bytes) {
    if (bytes > buffer.size()) {
      throw new IndexOutOfBoundsException(bytes);
    }
    // SAFETY: the kernel reads at most bytes, which the buffer holds.
    return result(LIBC.write(fd, buffer.address(), bytes));
  }

  /** Opens a file for reading. */
  static int openForReading(Path path) {
    byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
    // SAFETY: name ends with NUL; the binding copies or pins it for the call.
    return result(LIBC.open(name, O_CLOEXEC, 0));
  }

  /** close(2). The number must not be used again. */
  static void close(int fd) {
    // SAFETY: callers own fd and forget it with this call.
    LIBC.close(fd);
  }

  /** ioctl(2) with a structure in native memory. */
  static int ioctl(int fd, long request, Pointer structure) {
    // SAFETY: the size of the structure is part of the request number; callers allot that much.
    return result(LIBC.ioctl(fd, request, structure.address()));
  }

  /** Maps a file read-only, shared with all others that map it. */
  static long mapReadOnly(int fd, long bytes) {
    // SAFETY: the kernel chooses the address, so no mapping of the JVM's is replaced.
    return address(LIBC.mmap(null, bytes, PROT_READ, MAP_SHARED, fd, 0));
  }

  /** Maps a range that nobody can read, as a source that makes a copy fail without effect. */
  static long mapNothing(long bytes) {
    // SAFETY: the kernel chooses the address; the mapping is never touched by this process.
    return address(LIBC.mmap(null, bytes, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0));
  }

  private static long address(Pointer mapping) {
    return mapping.address() == -1 ? -RUNTIME.getLastError() : mapping.address();
  }

  /** Ends a mapping that {@link #mapReadOnly} made. */
  static void unmap(long address, long bytes) {
    // SAFETY: callers own the mapping and hand out no address of it any more.
    LIBC.munmap(address, bytes);
  }

  /** A new epoll instance. */
  static int epoll() {
    // SAFETY: takes no pointer.
    return result(LIBC.epoll_create1(EPOLL_CLOEXEC));
  }

  /** Watches a descriptor for reading; {@code event} is scratch memory for one event. */
  static int watch(int epoll, int fd, Pointer event) {
    event.putInt(0, EPOLLIN);
    event.putLong(EPOLL_DATA_OFFSET, fd);
    // SAFETY: event holds one epoll_event, which the kernel only reads.
    return result(LIBC.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, event.address()));
  }

  /** Stops watching a descriptor; {@code event} is scratch memory for one event. */
  static void unwatch(int epoll, int fd, Pointer event) {
    // SAFETY: the kernel ignores the event of a removal, but old ones want a valid address.
    LIBC.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, event.address());
  }

  /** Waits for watched descriptors; {@code events} holds {@code capacity} events. */
  static int await(int epoll, Pointer events, int capacity, int timeoutMillis) {
    if ((long) capacity * EPOLL_EVENT_BYTES > events.size()) {
      throw new IndexOutOfBoundsException(capacity);
    }
    // SAFETY: the kernel writes at most capacity events, which the memory holds.
    return result(LIBC.epoll_wait(epoll, events.address(), capacity, timeoutMillis));
  }

  /** A counter that wakes an epoll instance. */
  static int eventCounter() {
    // SAFETY: takes no pointer.
    return result(LIBC.eventfd(0, EFD_NONBLOCK_CLOEXEC));
  }
}
