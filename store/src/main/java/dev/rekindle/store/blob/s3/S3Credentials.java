package dev.rekindle.store.blob.s3;

import io.minio.credentials.AwsConfigProvider;
import io.minio.credentials.Credentials;
import io.minio.credentials.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the credentials of an S3 store where the usual tools look for them, in this order: the
 * environment ({@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, with {@code
 * AWS_SESSION_TOKEN}; {@code MINIO_ACCESS_KEY} and {@code MINIO_SECRET_KEY}; {@code
 * MINIO_ROOT_USER} and {@code MINIO_ROOT_PASSWORD}), the file {@code ~/.aws/credentials}, the file
 * {@code ~/.aws/config}; of the files the profile {@code AWS_PROFILE} or {@code default}.
 *
 * <p>Files are read for each request, so that renewed credentials count at once. Nothing here puts
 * a key into a message.
 */
final class S3Credentials implements Provider {
  private static final String DEFAULT_PROFILE = "default";

  /** The variables that hold key and secret. */
  private static final List<List<String>> VARIABLES =
      List.of(
          List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
          List.of("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"),
          List.of("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"));

  private final Map<String, String> environment;
  private final Path home;

  /**
   * Looks in an environment and below a home directory.
   *
   * @param environment variables by name
   * @param home the directory that holds {@code .aws}
   */
  S3Credentials(Map<String, String> environment, Path home) {
    this.environment = environment;
    this.home = home;
  }

  /** The credentials as they are now; an exception tells where was looked, for a person to read. */
  @Override
  public Credentials fetch() {
    var looked = new ArrayList<String>();
    for (var names : VARIABLES) {
      String key = variable(names.get(0));
      String secret = variable(names.get(1));
      if (key != null && secret != null) {
        String token = names.get(0).startsWith("AWS_") ? variable("AWS_SESSION_TOKEN") : null;
        return new Credentials(key, secret, token, null);
      }
      looked.add(names.get(0) + " and " + names.get(1));
      if (key != null || secret != null) {
        throw new MissingCredentials(
            "of %s and %s only one is set".formatted(names.get(0), names.get(1)));
      }
    }
    String profile = Optional.ofNullable(variable("AWS_PROFILE")).orElse(DEFAULT_PROFILE);
    var file = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    var found = in(file, profile);
    if (found.isEmpty()) {
      looked.add("profile '" + profile + "' in " + file);
      file = file("AWS_CONFIG_FILE", "config");
      found = in(file, profile.equals(DEFAULT_PROFILE) ? profile : "profile " + profile);
      looked.add("the same in " + file);
    }
    return found.orElseThrow(
        () -> new MissingCredentials("none found in " + String.join(", ", looked)));
  }

  private Path file(String variable, String name) {
    String named = variable(variable);
    return named != null ? Path.of(named) : home.resolve(".aws").resolve(name);
  }

  private static Optional<Credentials> in(Path file, String section) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new AwsConfigProvider(file.toString(), section).fetch());
    } catch (RuntimeException e) {
      // The library tells a missing section, a missing key and a malformed file by exceptions of
      // several types; none holds a usable pair.
      return Optional.empty();
    }
  }

  private @Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Says where was looked, and nothing of what was found. */
  @Override
  public String toString() {
    return "credentials of the environment or " + home.resolve(".aws");
  }

  /** No credentials; the message says where was looked. */
  static final class MissingCredentials extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingCredentials(String message) {
      super(message);
    }
  }
}
