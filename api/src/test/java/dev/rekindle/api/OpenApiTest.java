package dev.rekindle.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the records and constants against the document. */
class OpenApiTest {
  /** The document's only schema that no record stands for: it is read by {@link Deployment}. */
  private static final Set<String> WITHOUT_RECORD = Set.of("Deployment");

  private static final List<Class<? extends Enum<?>>> ENUMS =
      List.of(
          AsyncState.class,
          DecisionKind.class,
          EventType.class,
          FunctionState.class,
          InstanceState.class,
          ParameterType.class,
          ProblemCode.class,
          RestoreMode.class,
          SnapshotState.class,
          StartKind.class);

  private static OpenApiDocument document;

  @BeforeAll
  static void load() throws Exception {
    document = OpenApiDocument.load();
  }

  static Stream<Class<? extends Record>> records() {
    return WireSamples.full().stream().map(Record::getClass);
  }

  static Stream<Class<? extends Enum<?>>> enums() {
    return ENUMS.stream();
  }

  @Test
  void schemas_all_haveARecordOrAnEnum() {
    Set<String> types = new TreeSet<>(WITHOUT_RECORD);
    Stream.concat(records(), enums()).map(Class::getSimpleName).forEach(types::add);

    assertThat(names(document.schemas())).isEqualTo(types);
  }

  @ParameterizedTest
  @MethodSource("records")
  void properties_ofARecord_areTheSchemas(Class<? extends Record> type) {
    assertThat(names(document.schema(type.getSimpleName()).get("properties")))
        .isEqualTo(jsonNames(type));
  }

  @ParameterizedTest
  @MethodSource("records")
  void required_ofARecord_areTheComponentsWithoutNullOrDefault(Class<? extends Record> type) {
    JsonNode schema = document.schema(type.getSimpleName());
    Set<String> expected = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = jsonName(component);
      boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      if (!optional && !schema.get("properties").get(name).has("default")) {
        expected.add(name);
      }
    }

    assertThat(texts(schema.path("required"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("records")
  void types_ofARecord_areTheSchemas(Class<? extends Record> type) {
    JsonNode properties = document.schema(type.getSimpleName()).get("properties");
    for (RecordComponent component : type.getRecordComponents()) {
      JsonNode property = properties.get(jsonName(component));
      assertThat(typeOf(property))
          .as("%s.%s", type.getSimpleName(), component.getName())
          .isEqualTo(schemaType(component.getType(), property));
    }
  }

  @ParameterizedTest
  @MethodSource("enums")
  void values_ofAnEnum_areTheSchemas(Class<? extends Enum<?>> type) throws Exception {
    var wire =
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(JsonValue.class))
            .findFirst()
            .orElseThrow();
    Set<String> values = new TreeSet<>();
    for (Object constant : type.getEnumConstants()) {
      values.add((String) wire.invoke(constant));
    }

    assertThat(texts(document.schema(type.getSimpleName()).get("enum"))).isEqualTo(values);
  }

  @Test
  void defaults_ofSettings_areTheRecords() {
    JsonNode defaults = Json.mapper().valueToTree(FunctionSettings.of("r", "h"));
    JsonNode properties = document.schema("FunctionSettings").get("properties");
    int compared = 0;
    for (Map.Entry<String, JsonNode> property : properties.properties()) {
      if (property.getValue().has("default")) {
        compared++;
        assertThat((Object) property.getValue().get("default"))
            .as(property.getKey())
            .isEqualTo(defaults.get(property.getKey()));
      }
    }
    assertThat(compared).isEqualTo(properties.size() - 3);
  }

  @Test
  void limits_ofSettings_areTheRecords() {
    assertLimits("memoryMb", FunctionSettings.MIN_MEMORY_MB, FunctionSettings.MAX_MEMORY_MB);
    assertLimits("timeoutMs", 1, FunctionSettings.MAX_TIMEOUT_MS);
    assertLimits("maxInstances", 1, FunctionSettings.MAX_MAX_INSTANCES);
    assertLimits("idleSeconds", 0, FunctionSettings.MAX_IDLE_SECONDS);
    assertThat(number("/FunctionSettings/properties/runtime/maxLength"))
        .isEqualTo(FunctionSettings.MAX_RUNTIME_LENGTH);
    assertThat(number("/FunctionSettings/properties/handler/maxLength"))
        .isEqualTo(FunctionSettings.MAX_HANDLER_LENGTH);
    assertThat(number("/Warmup/properties/rounds/minimum")).isZero();
    assertThat(number("/Warmup/properties/rounds/maximum")).isEqualTo(Warmup.MAX_ROUNDS);
    assertThat(number("/PolicyChoice/properties/name/maxLength"))
        .isEqualTo(PolicyChoice.MAX_NAME_LENGTH);
    assertThat(number("/PolicyChoice/properties/parameters/maxProperties"))
        .isEqualTo(PolicyChoice.MAX_PARAMETERS);
    assertThat(document.schema("FunctionSettings").at("/properties/environment").toString())
        .contains("at most " + FunctionSettings.MAX_ENVIRONMENT_BYTES + " bytes");
    assertThat(document.root().at("/components/parameters/FunctionName/schema/pattern").asText())
        .isEqualTo("^" + FunctionName.PATTERN + "$");
  }

  @Test
  void invocationHeaders_areTheConstants() {
    JsonNode reply =
        document.operation("POST /v1/functions/{name}/invocations").at("/responses/200/headers");

    assertThat(names(reply))
        .containsExactlyInAnyOrder(
            Headers.START,
            Headers.REQUEST_ID,
            Headers.INSTANCE,
            Headers.SNAPSHOT,
            Headers.RESTORE_MODE,
            Headers.FUNCTION_ERROR,
            Headers.SERVER_TIMING);
    assertThat(texts(document.root().at("/components/headers/Rekindle-Function-Error/schema/enum")))
        .containsExactly(Headers.UNHANDLED);
    String example =
        document.root().at("/components/headers/Server-Timing/schema/examples/0").asText();
    assertThat(ServerTiming.parse(example).format()).isEqualTo(example);
  }

  @Test
  void operations_all_haveAnIdATagASummaryAndTheProblem() {
    Set<String> tags =
        document.root().get("tags").findValuesAsText("name").stream().collect(Collectors.toSet());
    Set<String> ids = new HashSet<>();
    for (String name : document.operations()) {
      JsonNode operation = document.operation(name);
      assertThat(ids.add(operation.path("operationId").asText())).as(name).isTrue();
      assertThat(tags).as(name).contains(operation.at("/tags/0").asText());
      assertThat(operation.path("summary").asText()).as(name).endsWith(".");
      assertThat(operation.at("/responses/default/$ref").asText())
          .as(name)
          .isEqualTo("#/components/responses/Problem");
    }
    assertThat(ids).hasSizeGreaterThan(20);
  }

  @Test
  void references_all_lead() {
    assertThat(document.references()).hasSizeGreaterThan(50);
    for (String reference : document.references()) {
      assertThat(reference).startsWith("#/");
      assertThat(document.root().at(reference.substring(1)).isMissingNode())
          .as(reference)
          .isFalse();
    }
  }

  private static void assertLimits(String field, int minimum, int maximum) {
    assertThat(number("/FunctionSettings/properties/" + field + "/minimum")).isEqualTo(minimum);
    assertThat(number("/FunctionSettings/properties/" + field + "/maximum")).isEqualTo(maximum);
  }

  private static int number(String pointer) {
    JsonNode node = document.schemas().at(pointer);
    assertThat(node.isInt()).as(pointer).isTrue();
    return node.intValue();
  }

  /** The type that a property is of: its JSON type, or the name of the schema it refers to. */
  private static String typeOf(JsonNode property) {
    JsonNode reference =
        property.has("allOf") ? property.at("/allOf/0/$ref") : property.path("$ref");
    if (reference.isTextual()) {
      return reference.asText().replaceFirst(".*/", "");
    }
    JsonNode type = property.path("type");
    return type.isMissingNode() || type.isArray() ? "any" : type.asText();
  }

  private static String schemaType(Class<?> type, JsonNode property) {
    if (type == String.class) {
      // A problem's code is text in the record, so that a client can read that of a newer service.
      return property.path("$ref").asText().endsWith("/ProblemCode") ? "ProblemCode" : "string";
    }
    if (type == Instant.class) {
      return property.path("format").asText().equals("date-time") ? "string" : "a date-time";
    }
    if (type.isRecord() || type.isEnum()) {
      return type.getSimpleName();
    }
    Map<Class<?>, String> plain =
        Map.of(
            int.class,
            "integer",
            Integer.class,
            "integer",
            long.class,
            "integer",
            Long.class,
            "integer",
            Double.class,
            "number",
            double.class,
            "number",
            boolean.class,
            "boolean",
            List.class,
            "array",
            Map.class,
            "object");
    return plain.getOrDefault(type, "any");
  }

  private static Set<String> jsonNames(Class<? extends Record> type) {
    var config = Json.mapper().getSerializationConfig();
    return config.introspect(config.constructType(type)).findProperties().stream()
        .map(BeanPropertyDefinition::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String jsonName(RecordComponent component) {
    JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
    return renamed == null ? component.getName() : renamed.value();
  }

  private static Set<String> names(JsonNode object) {
    return object.properties().stream()
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new TreeSet<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }
}
