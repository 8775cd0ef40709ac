package dev.rekindle.engine.pages;

import java.nio.file.Path;
import jnr.ffi.Pointer;

/**
 * CRIU's side of a lazy restore: it connects to {@code lazy-pages.socket} in its work directory and
 * sends, for each task, the pid and then the userfaultfd; last, an end mark. It waits for no
 * answer.
 */
final class RestoreConversation implements PageServerLoop.Watched {
  /** The name that CRIU looks for. */
  static final String SOCKET_NAME = "lazy-pages.socket";

  /** "Restore finished" (CRIU's uffd.c). */
  private static final int END_MARK = 0x52535446;

  private final PageSession session;
  private final PageServerLoop loop;
  private final Pointer message = LinuxCalls.allocate(LinuxCalls.MESSAGE_BYTES);
  private int fd;
  private boolean connected;
  private int pid;

  /** Listens; CRIU may connect from now on. */
  RestoreConversation(PageSession session, PageServerLoop loop, Path workDirectory) {
    this.session = session;
    this.loop = loop;
    Path socket = workDirectory.resolve(SOCKET_NAME);
    this.fd = LinuxCalls.listen(socket);
    if (fd < 0) {
      throw new PageServerException(
          PageServerException.Cause.KERNEL_REFUSED,
          "cannot listen at %s: errno %d".formatted(socket, -fd));
    }
  }

  int fd() {
    return fd;
  }

  @Override
  public PageSession session() {
    return session;
  }

  @Override
  public void readable() {
    if (!connected) {
      int connection = LinuxCalls.accept(fd);
      if (connection < 0) {
        return; // level-triggered: a real connection is reported again
      }
      close();
      connected = true;
      fd = connection;
      loop.watch(fd, this);
    }
    boolean more = true;
    while (more) {
      more = fd >= 0 && (pid == 0 ? nextTask() : nextDescriptor());
    }
  }

  /** Reads a pid or the end mark; false if there is nothing more to read now. */
  private boolean nextTask() {
    long bytes = LinuxCalls.read(fd, message, 4);
    if (bytes == -LinuxCalls.EAGAIN) {
      return false;
    }
    if (bytes != 4) {
      broken("CRIU closed the connection before its end mark");
      return false;
    }
    int word = message.getInt(0);
    if (word == END_MARK) {
      close();
      session.restored();
      return false;
    }
    pid = Math.max(0, word); // a zombie sends its negative pid and no descriptor
    return true;
  }

  private boolean nextDescriptor() {
    int uffd = LinuxCalls.receiveDescriptor(fd, message);
    if (uffd == -LinuxCalls.EAGAIN) {
      return false;
    }
    PageLayout layout = session.layout(pid);
    if (uffd < 0 || layout == null) {
      if (uffd >= 0) {
        LinuxCalls.close(uffd);
      }
      broken("CRIU restores pid %d, which the snapshot does not hold".formatted(pid));
      return false;
    }
    pid = 0;
    session.add(new LazySpace(session, loop, layout, layout.pending(), uffd, false));
    return true;
  }

  private void broken(String why) {
    close();
    session.broken(why);
  }

  /** Ends the conversation. */
  void close() {
    if (fd >= 0) {
      loop.unwatch(fd);
      LinuxCalls.close(fd);
      fd = -1;
    }
  }
}
