package dev.rekindle.warmers.jvm;

import java.io.IOException;

/** The calls for which Java has none; see the C files of this module. */
final class NativeCalls {
  private NativeCalls() {}

  /**
   * Loads the library.
   *
   * @param library its absolute path
   */
  static void load(String library) {
    System.load(library);
  }

  /** Moves an open descriptor out of the way of programs that close low numbers. */
  static native int takeDescriptor(int descriptor) throws IOException;

  /** Binds a unix socket that all may connect to, in place of what is there; listens. */
  static native int listen(byte[] path) throws IOException;

  /** Waits for the next connection. */
  static native int accept(int listener) throws IOException;

  /** Reads what is there, at most the length given; 0 is the end. */
  static native int read(int descriptor, byte[] bytes, int offset, int length) throws IOException;

  /** Writes some of it; returns how much. */
  static native int write(int descriptor, byte[] bytes, int offset, int length) throws IOException;

  static native void close(int descriptor);

  /** Opens a package of one module to another. */
  static native void openPackage(Module module, String packageName, Module to);

  /** All objects of these types and their subtypes, and the classes among those types. */
  static native Object[] instances(Class<?>[] types);

  /** Collects all garbage. */
  static native void collect();

  /** Gives the pages inside of an array back; it must hold zeros, and still does afterwards. */
  static native void discardZeros(byte[] zeros);

  /** Gives free memory of the C allocator back. */
  static native void trimNativeMemory();

  /** Changes the C library's time zone. */
  static native void setTimeZone(String name);
}
