package dev.rekindle.engine.image;

import java.io.IOException;

/** An image file is not what CRIU writes: it was cut, changed, or comes from another version. */
final class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  ImageException(String message) {
    super(message);
  }
}
