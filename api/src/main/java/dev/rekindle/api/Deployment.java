package dev.rekindle.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The body of a deployment: settings and code. */
public final class Deployment {
  /** Name of the multipart part that holds the settings as JSON, without the code. */
  public static final String PART_SETTINGS = "settings";

  /** Name of the multipart part that holds the zip. */
  public static final String PART_CODE = "code";

  private static final String CODE = "code";
  private static final String ZIP = "zip";
  private static final List<String> FIELDS = fields();

  private final FunctionSettings settings;
  private final byte[] zip;

  /** Joins settings and the bytes of a zip, which are not copied. */
  public Deployment(FunctionSettings settings, byte[] zip) {
    this.settings = settings;
    this.zip = zip;
  }

  /** How to run the function. */
  public FunctionSettings settings() {
    return settings;
  }

  /** The bytes of the zip: not a copy, and not checked to be one. */
  public byte[] zip() {
    return zip;
  }

  /**
   * Reads the JSON form, {@code {"runtime":…,"handler":…,"code":{"zip":"BASE64"},…}}, strictly.
   *
   * @throws InvalidFieldException on anything that is not a deployment
   */
  public static Deployment parse(byte[] json) {
    JsonFields fields = JsonFields.parse(json);
    fields.allowOnly(FIELDS);
    FunctionSettings settings = SettingsJson.known(fields);
    JsonFields code = fields.object(CODE);
    code.allowOnly(List.of(ZIP));
    return new Deployment(settings, decode(code.text(ZIP)));
  }

  /** Writes the JSON form. */
  public byte[] toJson() {
    ObjectNode json = Json.mapper().valueToTree(settings);
    json.putObject(CODE).put(ZIP, Base64.getEncoder().encodeToString(zip));
    return Json.write(json);
  }

  private static byte[] decode(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new InvalidFieldException(
          CODE + "." + ZIP, "is not base64", "Send the zip in base64 (RFC 4648, no line breaks).");
    }
  }

  private static List<String> fields() {
    List<String> fields = new ArrayList<>(SettingsJson.FIELDS);
    fields.add(CODE);
    return List.copyOf(fields);
  }
}
