package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/** How the wire records are written and read. */
public final class Json {
  /**
   * Longest JSON string in characters. Jackson's own limit of 20 million would refuse larger zips;
   * the service bounds the body as a whole before it is parsed.
   */
  public static final int MAX_STRING_LENGTH = 400_000_000;

  private static final ObjectMapper MAPPER = build();

  private Json() {}

  /**
   * The mapper for wire records: times as ISO 8601, absent values left out, unknown fields of a
   * reply ignored, numbers inside of events kept digit for digit. Do not configure it.
   */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /** The JSON of a wire record, in UTF-8. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      // Records of the contract hold nothing that has no JSON.
      throw new IllegalStateException(value.getClass().getSimpleName() + " has no JSON form", e);
    }
  }

  private static ObjectMapper build() {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder().maxStringLength(MAX_STRING_LENGTH).build();
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return JsonMapper.builder(factory)
        .addModule(new JavaTimeModule())
        .addModule(new Jdk8Module())
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }
}
