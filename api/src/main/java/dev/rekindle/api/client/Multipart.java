package dev.rekindle.api.client;

import dev.rekindle.api.Deployment;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/** A deployment as {@code multipart/form-data} (RFC 7578), which spares the base64. */
final class Multipart {
  private static final RandomGenerator RANDOM = new SecureRandom();

  // 128 random bits: a zip that contains the boundary by chance is out of the question.
  private static final int BOUNDARY_BYTES = 16;

  private final String boundary;

  Multipart() {
    byte[] bytes = new byte[BOUNDARY_BYTES];
    RANDOM.nextBytes(bytes);
    this.boundary = "rekindle-" + HexFormat.of().formatHex(bytes);
  }

  String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  BodyPublisher body(byte[] settings, byte[] zip) {
    return BodyPublishers.concat(
        List.of(
                text(head(Deployment.PART_SETTINGS, "settings.json", "application/json")),
                BodyPublishers.ofByteArray(settings),
                text("\r\n" + head(Deployment.PART_CODE, "code.zip", "application/zip")),
                BodyPublishers.ofByteArray(zip),
                text("\r\n--" + boundary + "--\r\n"))
            .toArray(BodyPublisher[]::new));
  }

  private String head(String part, String file, String type) {
    return "--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\nContent-Type: %s\r\n\r\n"
        .formatted(boundary, part, file, type);
  }

  private static BodyPublisher text(String text) {
    return BodyPublishers.ofString(text, StandardCharsets.US_ASCII);
  }
}
